package dev.mlp.controlplane.http;

import dev.mlp.controlplane.wire.Answer;
import dev.mlp.controlplane.wire.Answers;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.Service;
import dev.mlp.controlplane.wire.SignedRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request to an API and its answer. Every answer carries the request's id. */
final class Exchange {
  private static final Logger logger = LoggerFactory.getLogger(Exchange.class);

  private final HttpServerRequest request;
  private final Optional<Service> service;
  private final String requestId = UUID.randomUUID().toString();

  Exchange(HttpServerRequest request, Optional<Service> service) {
    this.request = request;
    this.service = service;
    request.response().putHeader("x-amzn-RequestId", requestId);
  }

  String requestId() {
    return requestId;
  }

  /** What the signature covers. */
  SignedRequest signed() {
    String uri = request.uri();
    int mark = uri.indexOf('?');
    return new SignedRequest(
        request.method().name(),
        mark < 0 ? uri : uri.substring(0, mark),
        mark < 0 ? "" : uri.substring(mark + 1),
        request.headers()::getAll);
  }

  void answer(Answer answer) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      return; // the client did not wait
    }
    response.setStatusCode(answer.status());
    answer.headers().forEach(response::putHeader);
    if (!request.isEnded() && Bodies.expectsContinue(request)) {
      // Refused before it was asked for: nobody knows whether the body still comes.
      response.putHeader("Connection", "close");
    }
    response.end(answer.body());
  }

  /** Answers with the error, in the form of the service; what is no ApiException stays inside. */
  void fail(Throwable cause) {
    HttpServerResponse response = request.response();
    if (response.headWritten()) {
      response.reset(); // half an answer must not look like a whole one
    } else if (!response.closed()) {
      answer(Answers.error(service, error(cause), requestId));
    }
  }

  private ApiException error(Throwable cause) {
    if (cause instanceof ApiException error) {
      if (error.code().category() == ErrorCode.Category.INTERNAL) {
        logger.error("request {} failed", requestId, error);
      }
      return error;
    }
    logger.error("request {} failed", requestId, cause);
    return new ApiException(
        ErrorCode.INTERNAL_FAILURE,
        "The request failed inside the server; its log has the cause under request id "
            + requestId
            + ".",
        Map.of(),
        cause);
  }
}
