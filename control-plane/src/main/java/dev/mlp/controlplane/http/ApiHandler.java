package dev.mlp.controlplane.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlp.controlplane.wire.Answers;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.Service;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.SdkPojo;

/** {@code POST /}: AWS JSON 1.1, and the query protocol's forms. */
final class ApiHandler {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final ObjectMapper JSON = new ObjectMapper();

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
    Map<String, String> form = query ? form(bytes, service) : Map.of();
    String operation = query ? form.getOrDefault("Action", "") : targetOperation;
    sample.as(service.wireName(), label(service, operation));
    return blocking
        .call(() -> {
          byte[] json = query ? members(form) : bytes;
          SdkPojo value = operations.call(service, operation, authenticated.caller(), json);
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
      return new Target(Optional.of(Service.STS), "");
    }
    return new Target(Optional.empty(), "");
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

  private static Map<String, String> form(byte[] body, Service service) {
    Map<String, List<String>> parameters;
    try {
      parameters =
          new QueryStringDecoder(new String(body, StandardCharsets.UTF_8), false).parameters();
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          ErrorCode.SERIALIZATION, "The form is malformed: " + e.getMessage(), Map.of(), e);
    }
    Map<String, String> form = new LinkedHashMap<>();
    parameters.forEach((name, values) -> form.put(name, values.getFirst()));
    if (!service.target().equals(form.get("Version"))) {
      throw new ApiException(
          ErrorCode.UNKNOWN_OPERATION,
          "Could not find operation "
              + form.getOrDefault("Action", "")
              + " for version "
              + form.getOrDefault("Version", "NO_VERSION_SPECIFIED"));
    }
    return form;
  }

  private static byte[] members(Map<String, String> form) throws JsonProcessingException {
    Map<String, String> members = new LinkedHashMap<>(form);
    members.remove("Action");
    members.remove("Version");
    return JSON.writeValueAsBytes(members);
  }
}
