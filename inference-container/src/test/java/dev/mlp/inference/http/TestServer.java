package dev.mlp.inference.http;

import dev.mlp.inference.model.Model;
import dev.mlp.inference.model.ModelDirectory;
import dev.mlp.inference.model.Models;
import dev.mlp.inference.tensorflow.NativeEnvironment;
import dev.mlp.inference.tensorflow.SavedModel;
import dev.mlp.inference.tensorflow.SessionThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A server on a free port, and a client for it. */
final class TestServer implements AutoCloseable {
  static final int BODY_LIMIT = 1 << 20;
  static final int ALL_BODIES = 8 * BODY_LIMIT;

  private final Models models;
  private final HttpFrontend http;
  private final URI uri;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  TestServer(Path root, String defaultModel) throws IOException {
    NativeEnvironment.prepare();
    List<Model> loaded =
        ModelDirectory.find(root).stream()
            .map(found ->
                new Model(
                    found.name(),
                    found.version(),
                    SavedModel.load(found.path(), SessionThreads.CALLER_RUNS)))
            .toList();
    models = new Models(loaded, defaultModel);
    http =
        HttpFrontend.open(
            "127.0.0.1", 0, new Limits(BODY_LIMIT, ALL_BODIES, Duration.ofSeconds(30)));
    http.serve(models);
    uri = URI.create("http://127.0.0.1:" + http.port());
  }

  URI uri() {
    return uri;
  }

  HttpFrontend http() {
    return http;
  }

  HttpClient client() {
    return client;
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri.resolve(path)).build());
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return post(path, HttpRequest.BodyPublishers.ofString(body), headers);
  }

  HttpResponse<String> post(String path, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri.resolve(path)).POST(body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  /** {@code POST /invocations}; further headers may follow. */
  HttpResponse<String> invoke(String contentType, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri.resolve("/invocations"))
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    http.close();
    models.close();
  }
}
