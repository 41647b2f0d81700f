package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointResponse;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;
import software.amazon.awssdk.services.sagemakerruntime.model.SageMakerRuntimeException;

class InvocationHandlerTest {
  private static final Front front =
      new Front(
          Function.identity(),
          Optional.empty(),
          (caller, endpoint, request, body) ->
              switch (endpoint) {
                case "broken" ->
                    Future.failedFuture(
                        new ApiException(
                            ErrorCode.MODEL_ERROR,
                            "Received server error (500)",
                            Map.of("OriginalStatusCode", 500, "OriginalMessage", "boom"),
                            null));
                case "throws" -> throw new IllegalStateException("a bug");
                case "half" ->
                    request
                        .response()
                        .putHeader("Content-Length", "100")
                        .write("half")
                        .compose(_ -> Future.failedFuture("the instance died"));
                default -> Front.echo(caller, endpoint, request, body);
              });
  private static final SageMakerRuntimeClient runtime =
      front.client(SageMakerRuntimeClient.builder());

  @AfterAll
  static void close() {
    runtime.close();
    front.close();
  }

  private static InvokeEndpointResponse invoke(String endpoint, String body) {
    return runtime.invokeEndpoint(
        i -> i.endpointName(endpoint).contentType("text/csv").body(SdkBytes.fromUtf8String(body)));
  }

  @Test
  void theGatewayGetsTheBodyAndItsAnswerGoesOut() {
    InvokeEndpointResponse answer = invoke("e-1", "1,2,3");
    assertThat(answer.body().asUtf8String()).isEqualTo("e-1:1,2,3");
    assertThat(answer.contentType()).isEqualTo("text/plain");
    assertThat(answer.responseMetadata().requestId()).matches("[0-9a-f-]{36}");
  }

  @Test
  void aBodyOfMegabytesComesThrough() {
    String large = "x".repeat(5 << 20);
    assertThat(invoke("e", large).body().asUtf8String()).isEqualTo("e:" + large);
  }

  @Test
  void anErrorOfTheModelKeepsItsMembers() {
    assertThatThrownBy(() -> invoke("broken", "1"))
        .isInstanceOfSatisfying(
            ModelErrorException.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(424);
              assertThat(e.originalStatusCode()).isEqualTo(500);
              assertThat(e.originalMessage()).isEqualTo("boom");
            });
  }

  @Test
  void aBugIsAnInternalFailure() {
    assertThatThrownBy(() -> invoke("throws", "1"))
        .isInstanceOfSatisfying(
            SageMakerRuntimeException.class, e -> assertThat(e.statusCode()).isEqualTo(500));
  }

  @Test
  void halfAnAnswerDoesNotLookWhole() {
    assertThatThrownBy(() -> invoke("half", "1")).isInstanceOf(Exception.class);
  }

  @Test
  void namesAndHeadersAreHeldAgainstTheTables() {
    assertThatThrownBy(() ->
            runtime.invokeEndpoint(i ->
                i.endpointName("a_b").targetModel("m.tar.gz").body(SdkBytes.fromUtf8String("1"))))
        .isInstanceOfSatisfying(
            SageMakerRuntimeException.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(400);
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationError");
              assertThat(e.awsErrorDetails().errorMessage())
                  .startsWith("2 validation errors detected: Value 'a_b' at 'endpointName'")
                  .contains("Value 'm.tar.gz' at 'targetModel'")
                  .endsWith("multi-model endpoints are not supported; leave it out");
            });
  }

  @Test
  void aViewerMayNotInvokeAndAnInvokerMay() {
    AccessKey viewer = front.key(Role.VIEWER);
    AccessKey invoker = front.key(Role.INVOKER);
    try (SageMakerRuntimeClient viewing =
            front.client(SageMakerRuntimeClient.builder(), viewer.id(), viewer.secret());
        SageMakerRuntimeClient invoking =
            front.client(SageMakerRuntimeClient.builder(), invoker.id(), invoker.secret())) {
      SdkBytes body = SdkBytes.fromUtf8String("1");
      assertThat(invoking.invokeEndpoint(i -> i.endpointName("e").body(body)).body().asUtf8String())
          .isEqualTo("e:1");
      assertThatThrownBy(() -> viewing.invokeEndpoint(i -> i.endpointName("e").body(body)))
          .isInstanceOfSatisfying(
              SageMakerRuntimeException.class,
              e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException"));
    }
  }

  @Test
  void otherPathsBelowEndpointsAreNamed() throws Exception {
    assertThat(front.get("/endpoints/e/invocations").statusCode()).isEqualTo(404);
    assertThat(front.get("/endpoints/e/other").body())
        .contains("POST /endpoints/<name>/invocations");
  }
}
