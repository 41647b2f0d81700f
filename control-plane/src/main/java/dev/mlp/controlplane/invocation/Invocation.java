package dev.mlp.controlplane.invocation;

import dev.mlp.controlplane.wire.ApiException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One invocation on its way: confined to the event loop of its request, so its fields need no care.
 * It ends once, in {@link #finish}, whatever comes first: the answer, a failure, the deadline, or
 * the client going away.
 */
final class Invocation {
  private static final int CLIENT_GONE = -1;

  private final Vertx vertx;
  private final HttpClient client;
  private final GatewayLimits limits;
  private final EndpointKey key;
  private final RoutedVariant variant;
  private final Buffer body;
  private final HttpServerRequest request;
  private final HttpServerResponse answer;
  private final Promise<Void> done = Promise.promise();
  private final long received;
  private RoutedInstance instance;
  private @Nullable Set<RoutedInstance> refused;
  private @Nullable HttpClientRequest upstream;
  private long sent;
  private long timer;
  private boolean finished;

  Invocation(
      Vertx vertx,
      HttpClient client,
      GatewayLimits limits,
      EndpointKey key,
      RoutedVariant variant,
      RoutedInstance instance,
      HttpServerRequest request,
      Buffer body,
      long received) {
    this.vertx = vertx;
    this.client = client;
    this.limits = limits;
    this.key = key;
    this.variant = variant;
    this.instance = instance;
    this.request = request;
    this.answer = request.response();
    this.body = body;
    this.received = received;
  }

  Future<Void> start() {
    variant.traffic().begin();
    timer = vertx.setTimer(limits.timeout().toMillis(), _ -> timedOut());
    answer.closeHandler(_ -> clientGone());
    answer.exceptionHandler(_ -> clientGone());
    connect();
    return done.future();
  }

  private void connect() {
    client.request(instance.request()).onComplete(this::connected);
  }

  private void connected(AsyncResult<HttpClientRequest> result) {
    if (finished) {
      if (result.succeeded()) {
        result.result().reset();
      }
      return;
    }
    if (result.failed()) {
      // No byte has been written: another instance may have it.
      tryAnother(result.cause());
      return;
    }
    HttpClientRequest opened = result.result();
    upstream = opened;
    sent = System.nanoTime();
    InvocationHeaders.toModel(request.headers(), opened.headers());
    opened.send(body).onComplete(this::responded);
  }

  private void tryAnother(Throwable cause) {
    if (cause instanceof ConnectionPoolTooBusyException) {
      fail(InvocationErrors.tooBusy(key), 503);
      return;
    }
    if (refused == null) {
      refused = new HashSet<>();
    }
    refused.add(instance);
    RoutedInstance other = variant.acquireOtherThan(refused);
    if (other == null) {
      fail(InvocationErrors.noInstance(key), 503);
      return;
    }
    instance.release();
    instance = other;
    connect();
  }

  private void responded(AsyncResult<HttpClientResponse> result) {
    if (finished) {
      return;
    }
    if (result.failed()) {
      fail(InvocationErrors.broke(key), 0);
      return;
    }
    HttpClientResponse response = result.result();
    int status = response.statusCode();
    if (status < 200 || status >= 300) {
      readError(response, status);
      return;
    }
    long length = length(response);
    if (length >= 0 && length <= limits.bufferedAnswerBytes()) {
      response.body().onComplete(whole -> buffered(response, whole));
    } else {
      stream(response, length);
    }
  }

  /** A small answer: one write, and still an error in good form if the instance dies in it. */
  private void buffered(HttpClientResponse response, AsyncResult<Buffer> result) {
    if (finished) {
      return;
    }
    if (result.failed()) {
      fail(InvocationErrors.broke(key), 0);
      return;
    }
    head(response);
    answer.end(result.result()).onComplete(_ -> finish(200, null));
  }

  private void stream(HttpClientResponse response, long length) {
    head(response);
    if (length >= 0) {
      answer.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    } else {
      answer.setChunked(true);
    }
    response
        .pipe()
        .endOnFailure(false)
        .to(answer)
        .onComplete(result -> {
          if (result.succeeded()) {
            finish(200, null);
          } else if (!finished) {
            // Half an answer is out: cutting the connection is the only way to say so.
            abandon();
            finish(0, null);
          }
        });
  }

  private void head(HttpClientResponse response) {
    answer.setStatusCode(200);
    InvocationHeaders.toClient(response.headers(), answer.headers());
    answer.putHeader(InvocationHeaders.INVOKED_VARIANT, variant.name());
  }

  private void readError(HttpClientResponse response, int status) {
    Buffer text = Buffer.buffer();
    response.handler(chunk -> {
      int room = limits.errorBodyBytes() - text.length();
      text.appendBuffer(chunk, 0, Math.min(room, chunk.length()));
      if (chunk.length() > room) {
        failed(status, text);
        cancelUpstream();
      }
    });
    response.exceptionHandler(_ -> failed(status, text));
    response.endHandler(_ -> failed(status, text));
  }

  private void failed(int status, Buffer text) {
    fail(InvocationErrors.model(key, status, text.toString(StandardCharsets.UTF_8)), status);
  }

  private void timedOut() {
    if (answer.headWritten()) {
      finish(0, null);
      abandon();
    } else {
      fail(InvocationErrors.timedOut(key), 0);
      cancelUpstream();
    }
  }

  private void clientGone() {
    if (!finished) {
      finish(CLIENT_GONE, null);
      cancelUpstream();
    }
  }

  /** Cuts both connections; after {@link #finish}, for a reset fails what waits at once. */
  private void abandon() {
    cancelUpstream();
    answer.reset();
  }

  private void cancelUpstream() {
    if (upstream != null) {
      upstream.reset();
    }
  }

  private void fail(ApiException error, int status) {
    finish(status, error);
  }

  private void finish(int status, @Nullable ApiException error) {
    if (finished) {
      return;
    }
    finished = true;
    vertx.cancelTimer(timer);
    if (status != CLIENT_GONE) {
      long now = System.nanoTime();
      long model = sent == 0 ? 0 : now - sent;
      long overhead = now - received - model;
      variant.traffic().answered(status, model, overhead);
      instance.traffic().answered(status, model, overhead);
    }
    var _ = variant.traffic().end();
    instance.release();
    if (error == null) {
      done.complete();
    } else {
      done.fail(error);
    }
  }

  private static long length(HttpClientResponse response) {
    String value = response.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (value == null) {
      return response.statusCode() == 204 ? 0 : -1;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
