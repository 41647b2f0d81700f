package dev.mlp.inference;

import dev.mlp.inference.http.HttpFrontend;
import dev.mlp.inference.model.Model;
import dev.mlp.inference.model.ModelDirectory;
import dev.mlp.inference.model.Models;
import dev.mlp.inference.tensorflow.SavedModel;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.TensorFlowLibrary;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The whole server: finds and loads the models, warms them, and answers. */
final class ModelServer implements AutoCloseable {
  private final Models models;
  private final HttpFrontend http;

  private ModelServer(Models models, HttpFrontend http) {
    this.models = models;
    this.http = http;
  }

  /**
   * Returns when every model is loaded and answers are given.
   *
   * @throws dev.mlp.inference.model.NoModelException if there is nothing to serve
   * @throws StatusException if TensorFlow cannot load a model
   */
  static ModelServer start(ServerConfiguration configuration, StartUpTimes times)
      throws IOException {
    List<ModelDirectory> directories = ModelDirectory.find(configuration.modelRoot());
    // The two halves of the start take about as long as each other, and share nothing.
    CompletableFuture<HttpFrontend> opening =
        CompletableFuture.supplyAsync(() ->
            HttpFrontend.open(configuration.host(), configuration.port(), configuration.limits()));
    TensorFlowLibrary.load();
    times.finished("TensorFlow");
    List<Model> loaded =
        directories.stream().map(directory -> load(directory, configuration)).toList();
    Models models = new Models(loaded, configuration.defaultModel());
    times.finished("models");
    HttpFrontend http = join(opening);
    http.serve(models);
    WarmUp.run(loaded, http.self());
    times.finished("warm-up");
    return new ModelServer(models, http);
  }

  private static Model load(ModelDirectory directory, ServerConfiguration configuration) {
    return new Model(
        directory.name(),
        directory.version(),
        SavedModel.load(directory.path(), configuration.threads()));
  }

  private static HttpFrontend join(CompletableFuture<HttpFrontend> opening) {
    try {
      return opening.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  int port() {
    return http.port();
  }

  Models models() {
    return models;
  }

  /** Drains, then frees the models. */
  @Override
  public void close() {
    http.close();
    models.close();
  }
}
