package dev.mlp.controlplane.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes requests on to the embedded object store, untouched: same Host and path, so signatures and
 * presigned URLs hold. Both bodies are piped, each as fast as its reader takes it.
 */
final class ObjectStoreProxy {
  private static final Logger logger = LoggerFactory.getLogger(ObjectStoreProxy.class);

  /** For one connection only; the front answers Expect itself, the store would answer it again. */
  private static final Set<String> NOT_PASSED_ON =
      Set.of(
          "connection",
          "expect",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final int CONNECTIONS = 512;

  private final HttpClient client;
  private final URI store;

  ObjectStoreProxy(Vertx vertx, URI store) {
    this.store = store;
    // The store closes a connection whenever it has not read a body to its end; taking such a one
    // again would fail a request that nobody can repeat, since its body streams. On loopback a
    // connection of its own costs a request less than signing it does.
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setKeepAlive(false),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS));
  }

  /**
   * @param gone called when the client goes away before it has its answer
   */
  void pass(HttpServerRequest request, Runnable gone) {
    HttpServerResponse response = request.response();
    request.pause();
    response.closeHandler(_ -> gone.run());
    if (Bodies.expectsContinue(request)) {
      response.writeContinue();
    }
    client
        .request(
            new RequestOptions()
                .setMethod(request.method())
                .setHost(store.getHost())
                .setPort(store.getPort())
                .setURI(request.uri()))
        .onSuccess(upstream -> exchange(request, upstream, gone))
        .onFailure(cause -> unreachable(request, cause));
  }

  private void exchange(HttpServerRequest request, HttpClientRequest upstream, Runnable gone) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      upstream.reset();
      return;
    }
    for (Map.Entry<String, String> header : request.headers()) {
      if (!NOT_PASSED_ON.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        upstream.headers().add(header.getKey(), header.getValue());
      }
    }
    if (request.getHeader("Transfer-Encoding") != null) {
      upstream.setChunked(true);
    }
    // A client that goes away must not leave half an object that looks whole.
    response.closeHandler(_ -> {
      upstream.reset();
      gone.run();
    });
    response.exceptionHandler(_ -> upstream.reset());
    upstream
        .response()
        .onSuccess(answer -> answer(request, answer))
        .onFailure(cause -> unreachable(request, cause));
    request
        .pipe()
        .endOnFailure(false)
        .to(upstream)
        .onFailure(_ -> {
          // Either the client is gone (the handlers above) or the store refuses early and its
          // answer comes; the rest of the body is nobody's.
          request.handler(null);
          request.resume();
        });
  }

  private void answer(HttpServerRequest request, HttpClientResponse answer) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      answer.request().reset();
      return;
    }
    response.setStatusCode(answer.statusCode()).setStatusMessage(answer.statusMessage());
    for (Map.Entry<String, String> header : answer.headers()) {
      if (!NOT_PASSED_ON.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        response.headers().add(header.getKey(), header.getValue());
      }
    }
    if (answer.getHeader("Transfer-Encoding") != null) {
      response.setChunked(true);
    }
    answer
        .pipe()
        .endOnFailure(false)
        .to(response)
        .onFailure(cause -> {
          if (!response.closed() && !response.ended()) {
            logger.warn("the object store broke off its answer: {}", cause.toString());
            response.reset();
          }
        });
  }

  private static void unreachable(HttpServerRequest request, Throwable cause) {
    if (!request.response().closed()) {
      logger.warn("the object store does not answer: {}", cause.toString());
      request.handler(null);
      request.resume();
      S3Requests.error(
          request,
          503,
          "ServiceUnavailable",
          "The object store does not answer; try again in a moment.",
          UUID.randomUUID().toString());
    }
  }
}
