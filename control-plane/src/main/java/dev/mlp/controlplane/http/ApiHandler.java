package dev.mlp.controlplane.http;

import dev.mlp.controlplane.wire.Answers;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.QueryForm;
import dev.mlp.controlplane.wire.Service;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.core.SdkPojo;

/** {@code POST /}: AWS JSON 1.1, and the query protocol's forms. */
final class ApiHandler {
  private static final String FORM = "application/x-www-form-urlencoded";

  /** What a request asks for; a query's operation stands in its body. */
  private record Target(Optional<Service> service, String operation) {}

  private final OperationTable operations;
  private final Authenticator authenticator;
  private final Blocking blocking;
  private final RequestMetrics metrics;

  ApiHandler(
      OperationTable operations,
      Authenticator authenticator,
      Blocking blocking,
      RequestMetrics metrics) {
    this.operations = operations;
    this.authenticator = authenticator;
    this.blocking = blocking;
    this.metrics = metrics;
  }

  void handle(HttpServerRequest request) {
    Target target = target(request);
    Exchange exchange = new Exchange(request, target.service());
    RequestMetrics.Sample sample = metrics.start(request);
    if (target.service().isEmpty()) {
      sample.as("unknown", "unknown");
      exchange.fail(unknown(target.operation()));
      return;
    }
    Service service = target.service().get();
    sample.as(service.wireName(), label(service, target.operation()));
    authenticator
        .authenticate(exchange, request, service.signingName())
        .compose(authenticated ->
            // What call throws becomes a failure too: the body is given back in any case.
            Future.succeededFuture(authenticated)
                .compose(a -> call(service, target.operation(), a, exchange, sample))
                .onComplete(_ -> authenticated.body().release()))
        .onFailure(exchange::fail)
        .onComplete(_ -> sample.stop());
  }

  private Future<Void> call(
      Service service,
      String targetOperation,
      Authenticator.Authenticated authenticated,
      Exchange exchange,
      RequestMetrics.Sample sample) {
    byte[] bytes = authenticated.body().bytes().getBytes();
    boolean query = service.protocol() == Service.Protocol.QUERY;
    String operation = query ? QueryForm.parse(bytes).action(service) : targetOperation;
    sample.as(service.wireName(), label(service, operation));
    return blocking
        .call(() -> {
          SdkPojo value = operations.call(service, operation, authenticated.caller(), bytes);
          return Answers.of(service, operation, value, exchange.requestId());
        })
        .map(answer -> {
          exchange.answer(answer);
          return null;
        });
  }

  private static Target target(HttpServerRequest request) {
    String target = request.getHeader("X-Amz-Target");
    if (target != null) {
      int dot = target.lastIndexOf('.');
      String prefix = target.substring(0, Math.max(dot, 0));
      for (Service service : Service.values()) {
        if (service.protocol() == Service.Protocol.JSON && service.target().equals(prefix)) {
          return new Target(Optional.of(service), target.substring(dot + 1));
        }
      }
      return new Target(Optional.empty(), target);
    }
    String type = request.getHeader("Content-Type");
    if (type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
      return new Target(Optional.of(querySpeaker(request)), "");
    }
    return new Target(Optional.empty(), "");
  }

  /** A form names its operation alone: the signature's scope says whose it is. */
  private static Service querySpeaker(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    for (Service service : Service.values()) {
      if (service.protocol() == Service.Protocol.QUERY
          && authorization != null
          && authorization.contains("/" + service.signingName() + "/aws4_request")) {
        return service;
      }
    }
    return Service.STS;
  }

  private static ApiException unknown(String target) {
    return new ApiException(
        ErrorCode.UNKNOWN_OPERATION,
        target.isEmpty()
            ? "The request names no operation: expected the header X-Amz-Target, such as"
                + " SageMaker.DescribeTrainingJob."
            : "The operation '" + target + "' is not supported.");
  }

  /** Only names of the table become labels: anything else could make any number of them. */
  private String label(Service service, String operation) {
    return operations.has(service, operation) ? operation : "unknown";
  }
}
