package dev.mlp.controlplane.http;

import dev.mlp.controlplane.invocation.Invocations;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.Service;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code POST /endpoints/{name}/invocations}: verified here, answered by the gateway. */
final class InvocationHandler {
  private static final Pattern PATH = Pattern.compile("/endpoints/([^/]+)/invocations");

  private final OperationTable operations;
  private final Authenticator authenticator;
  private final Invocations invocations;
  private final RequestMetrics metrics;

  InvocationHandler(
      OperationTable operations,
      Authenticator authenticator,
      Invocations invocations,
      RequestMetrics metrics) {
    this.operations = operations;
    this.authenticator = authenticator;
    this.invocations = invocations;
    this.metrics = metrics;
  }

  void handle(HttpServerRequest request) {
    Exchange exchange = new Exchange(request, Optional.of(Service.SAGEMAKER_RUNTIME));
    RequestMetrics.Sample sample = metrics.start(request);
    Matcher path = PATH.matcher(request.path());
    if (!path.matches() || !request.method().equals(HttpMethod.POST)) {
      sample.as(Service.SAGEMAKER_RUNTIME.wireName(), "unknown");
      exchange.fail(
          new ApiException(
              ErrorCode.UNKNOWN_OPERATION,
              "There is no "
                  + request.method()
                  + " "
                  + request.path()
                  + ": expected POST /endpoints/<name>/invocations."));
      return;
    }
    sample.as(Service.SAGEMAKER_RUNTIME.wireName(), "InvokeEndpoint");
    String endpoint = decoded(path.group(1));
    authenticator
        .authenticate(exchange, request, Service.SAGEMAKER_RUNTIME.signingName())
        .compose(authenticated -> {
          try {
            operations.checkInvocation(authenticated.caller(), endpoint, request::getHeader);
            return invocations
                .invoke(authenticated.caller(), endpoint, request, authenticated.body().bytes())
                .onComplete(_ -> authenticated.body().release());
          } catch (RuntimeException e) {
            authenticated.body().release();
            throw e;
          }
        })
        .onFailure(exchange::fail);
  }

  /** A name with a broken escape breaks the name's pattern, and is refused as that. */
  private static String decoded(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return segment;
    }
  }
}
