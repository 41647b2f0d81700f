package dev.mlp.controlplane.invocation;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.util.Map;

/** What the runtime tells a client whose invocation did not succeed, in AWS's words. */
final class InvocationErrors {
  private InvocationErrors() {}

  static ApiException unknownEndpoint(EndpointKey key) {
    return new ApiException(
        ErrorCode.VALIDATION_ERROR,
        "Endpoint " + key.name() + " of account " + key.tenant().account() + " not found.");
  }

  static ApiException notInService(EndpointKey key, String status) {
    return new ApiException(
        ErrorCode.VALIDATION_ERROR,
        "Endpoint "
            + key.name()
            + " of account "
            + key.tenant().account()
            + " cannot be invoked in status "
            + status
            + ".");
  }

  static ApiException unknownVariant(EndpointKey key, String variant) {
    return new ApiException(
        ErrorCode.VALIDATION_ERROR,
        "Variant "
            + variant
            + " of endpoint "
            + key.name()
            + " of account "
            + key.tenant().account()
            + " not found.");
  }

  static ApiException unsupportedHeader(String header) {
    return new ApiException(
        ErrorCode.VALIDATION_ERROR,
        "Header "
            + header
            + " is not supported: the endpoint serves one model from one container per instance.");
  }

  static ApiException noInstance(EndpointKey key) {
    return new ApiException(
        ErrorCode.SERVICE_UNAVAILABLE,
        "Endpoint " + key.name() + " has no instance ready to serve the request. Try again.");
  }

  static ApiException tooBusy(EndpointKey key) {
    return new ApiException(
        ErrorCode.SERVICE_UNAVAILABLE,
        "The instances of endpoint " + key.name() + " have no room for the request. Try again.");
  }

  static ApiException timedOut(EndpointKey key) {
    return model(
        key,
        0,
        "Your invocation timed out while waiting for a response from container primary. Review the"
            + " latency metrics for each container in Amazon CloudWatch, resolve the issue, and try"
            + " again.");
  }

  static ApiException broke(EndpointKey key) {
    return model(
        key,
        0,
        "The connection to container primary was closed before the whole response had arrived.");
  }

  /**
   * The model failed.
   *
   * @param status what it answered; 0 for no answer
   */
  static ApiException model(EndpointKey key, int status, String message) {
    Tenant tenant = key.tenant();
    String group = "/aws/sagemaker/Endpoints/" + key.name();
    String whose = status >= 400 && status < 500 ? "client" : "server";
    String text =
        "Received %s error (%d) from primary with message \"%s\". See https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#logEventViewer:group=%s in account %s for more information."
            .formatted(
                whose, status, message, tenant.region(), tenant.region(), group, tenant.account());
    return new ApiException(
        ErrorCode.MODEL_ERROR,
        text,
        Map.of(
            "OriginalStatusCode",
            status,
            "OriginalMessage",
            message,
            "LogStreamArn",
            "arn:aws:logs:" + tenant.region() + ":" + tenant.account() + ":log-group:" + group),
        null);
  }
}
