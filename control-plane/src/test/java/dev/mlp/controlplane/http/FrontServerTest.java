package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.Role;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.ResourceInUseException;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;
import software.amazon.awssdk.services.sagemaker.model.TrainingInputMode;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

class FrontServerTest {
  private static final Front front = new Front();
  private static final SageMakerClient sagemaker = front.client(SageMakerClient.builder());

  @BeforeAll
  static void listens() throws Exception {
    assertThat(front.get("/healthz").statusCode()).isEqualTo(200);
  }

  @AfterAll
  static void close() {
    sagemaker.close();
    front.close();
  }

  private static CreateTrainingJobRequest job(String name) {
    return CreateTrainingJobRequest.builder()
        .trainingJobName(name)
        .roleArn("arn:aws:iam::123456789012:role/mlp")
        .algorithmSpecification(a -> a.trainingImage("i").trainingInputMode(TrainingInputMode.FILE))
        .outputDataConfig(o -> o.s3OutputPath("s3://bucket/output"))
        .resourceConfig(r -> r.instanceCount(1).instanceType("ml.m5.large").volumeSizeInGB(1))
        .stoppingCondition(s -> s.maxRuntimeInSeconds(60))
        .hyperParameters(Map.of("name", "Zoë 東京"))
        .build();
  }

  private static void assertError(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
      int status,
      String code,
      String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AwsServiceException.class,
            e -> {
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
              assertThat(e.awsErrorDetails().errorMessage()).contains(message);
              assertThat(e.statusCode()).isEqualTo(status);
              assertThat(e.requestId()).matches("[0-9a-f-]{36}");
            });
  }

  @Test
  void aPortThatIsInUseIsSaidToBe() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = other.getLocalPort();
      assertThatThrownBy(() ->
              new Front(_ -> FrontConfig.of("127.0.0.1", port), Optional.empty(), Front::echo))
          .hasMessage(
              "cannot listen on 127.0.0.1:"
                  + port
                  + ": the port is in use; stop who has it, or choose another one with --port (0"
                  + " takes a free one)");
    }
  }

  @Test
  void answersTheJsonProtocol() {
    assertThat(sagemaker.createTrainingJob(job("answers")).trainingJobArn())
        .isEqualTo(
            "arn:aws:sagemaker:eu-central-1:" + front.admin().account() + ":training-job/answers");
    assertThat(sagemaker.describeTrainingJob(d -> d.trainingJobName("answers")).hyperParameters())
        .containsExactly(Map.entry("name", "Zoë 東京"));
    assertThat(
            sagemaker
                .stopTrainingJob(s -> s.trainingJobName("answers"))
                .responseMetadata()
                .requestId())
        .matches("[0-9a-f-]{36}");
  }

  @Test
  void answersTheQueryProtocol() {
    try (StsClient sts = front.client(StsClient.builder())) {
      GetCallerIdentityResponse identity = sts.getCallerIdentity();
      assertThat(identity.account()).isEqualTo(front.admin().account());
      assertThat(identity.userId()).isEqualTo(front.admin().id());
      assertThat(identity.arn()).endsWith(":user/admin");
      assertThat(identity.responseMetadata().requestId()).matches("[0-9a-f-]{36}");
    }
  }

  @Test
  void errorsHaveTheClassesThatTheSdkKnows() {
    sagemaker.createTrainingJob(job("twice"));
    assertThatThrownBy(() -> sagemaker.createTrainingJob(job("twice")))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("there already");
    assertThatThrownBy(() -> sagemaker.describeTrainingJob(d -> d.trainingJobName("nobody")))
        .isInstanceOf(SageMakerException.class);
    assertError(
        () -> sagemaker.describeTrainingJob(d -> d.trainingJobName("nobody")),
        400,
        "ValidationException",
        "Requested resource not found.");
  }

  @Test
  void badInputIsRefusedWithEveryProblem() {
    assertError(
        () ->
            sagemaker.createTrainingJob(
                job("a b").toBuilder().enableManagedSpotTraining(true).build()),
        400,
        "ValidationException",
        "2 validation errors detected: Value 'a b' at 'trainingJobName'");
  }

  @Test
  void anUnsupportedOperationIsNamed() {
    assertError(
        () -> sagemaker.listExperiments(_ -> {}),
        404,
        "UnknownOperationException",
        "'ListExperiments'");
    try (CloudWatchLogsClient logs = front.client(CloudWatchLogsClient.builder());
        StsClient sts = front.client(StsClient.builder())) {
      assertError(
          () -> logs.describeLogGroups(), 404, "UnknownOperationException", "'DescribeLogGroups'");
      assertError(() -> sts.getSessionToken(), 404, "InvalidAction", "'GetSessionToken'");
    }
  }

  @Test
  void wrongKeysAreRefusedInTheFormOfEachProtocol() {
    AccessKey admin = front.admin();
    try (SageMakerClient unknown = front.client(SageMakerClient.builder(), "AKIANOBODY", "secret");
        SageMakerClient wrong = front.client(SageMakerClient.builder(), admin.id(), "secret");
        StsClient unknownSts = front.client(StsClient.builder(), "AKIANOBODY", "secret");
        StsClient wrongSts = front.client(StsClient.builder(), admin.id(), "secret")) {
      assertError(
          () -> unknown.listModels(),
          403,
          "UnrecognizedClientException",
          "The security token included in the request is invalid.");
      assertError(() -> wrong.listModels(), 403, "InvalidSignatureException", "does not match");
      assertError(
          () -> unknownSts.getCallerIdentity(),
          403,
          "InvalidClientTokenId",
          "The security token included in the request is invalid.");
      assertError(
          () -> wrongSts.getCallerIdentity(), 403, "SignatureDoesNotMatch", "does not match");
    }
  }

  @Test
  void rolesAreEnforced() {
    AccessKey viewer = front.key(Role.VIEWER);
    AccessKey invoker = front.key(Role.INVOKER);
    try (SageMakerClient viewing =
            front.client(SageMakerClient.builder(), viewer.id(), viewer.secret());
        SageMakerClient invoking =
            front.client(SageMakerClient.builder(), invoker.id(), invoker.secret())) {
      assertThat(viewing.listModels().models()).isEmpty();
      assertError(
          () -> viewing.createTrainingJob(job("no")),
          403,
          "AccessDeniedException",
          "user/viewer is not authorized to perform: sagemaker:CreateTrainingJob");
      assertError(
          () -> invoking.listModels(), 403, "AccessDeniedException", "sagemaker:ListModels");
    }
  }

  @Test
  void anUnsignedRequestIsToldSo() throws Exception {
    HttpResponse<String> answer =
        front.send(
            HttpRequest.newBuilder(front.uri())
                .header("X-Amz-Target", "SageMaker.ListModels")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body())
        .isEqualTo(
            "{\"__type\":\"MissingAuthenticationTokenException\",\"message\":\"Missing"
                + " Authentication Token\"}");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-amz-json-1.1");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
  }

  @Test
  void whatBreaksInsideStaysInside() {
    front.inListModels =
        () -> {
          throw new IllegalStateException("secret of the server");
        };
    try {
      assertThatThrownBy(() -> sagemaker.listModels())
          .isInstanceOfSatisfying(
              SageMakerException.class,
              e -> {
                assertThat(e.statusCode()).isEqualTo(500);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InternalFailure");
                assertThat(e.getMessage()).doesNotContain("secret of the server");
                assertThat(e.getMessage()).contains(e.requestId());
              });
    } finally {
      front.inListModels = () -> {};
    }
  }

  @Test
  void probesAnswerWithoutASignature() throws Exception {
    assertThat(front.get("/readyz").body())
        .isEqualTo("{\"ready\":true,\"checks\":{\"database\":\"ok\"}}\n");
    front.problem = Optional.of("no connection");
    try {
      HttpResponse<String> notReady = front.get("/readyz");
      assertThat(notReady.statusCode()).isEqualTo(503);
      assertThat(notReady.body())
          .isEqualTo("{\"ready\":false,\"checks\":{\"database\":\"no connection\"}}\n");
    } finally {
      front.problem = Optional.empty();
    }
    assertThat(front.get("/").body()).contains("AWS_ENDPOINT_URL=http://127.0.0.1:");
  }

  @Test
  void requestsAreCountedByOperation() throws Exception {
    sagemaker.listModels();
    assertThatThrownBy(() -> sagemaker.listExperiments(_ -> {}))
        .isInstanceOf(SageMakerException.class);
    assertThat(front.get("/metrics").body())
        .containsPattern(
            "mlp_requests_seconds_count\\{operation=\"ListModels\",service=\"sagemaker\",status=\"200\"\\} [1-9]")
        .contains("operation=\"unknown\",service=\"sagemaker\",status=\"404\"")
        .doesNotContain("ListExperiments")
        .contains("jvm_memory_used_bytes");
  }

  @Test
  void unknownPathsAreAnswered() throws Exception {
    HttpResponse<String> anonymous = front.get("/bucket/key");
    assertThat(anonymous.statusCode()).isEqualTo(403);
    assertThat(anonymous.body()).contains("<Code>AccessDenied</Code>");
    HttpResponse<String> signed =
        front.send(
            HttpRequest.newBuilder(front.uri().resolve("/nowhere"))
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/sagemaker/aws4_request")
                .build());
    assertThat(signed.statusCode()).isEqualTo(404);
    assertThat(signed.body()).contains("UnknownOperationException");
    HttpResponse<String> noTarget =
        front.send(
            HttpRequest.newBuilder(front.uri())
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    assertThat(noTarget.statusCode()).isEqualTo(404);
    assertThat(noTarget.body()).contains("X-Amz-Target");
  }

  @Test
  void withoutAnEmbeddedStoreObjectsArePointedElsewhere() throws Exception {
    HttpResponse<String> answer =
        front.get("/bucket?X-Amz-Credential=AKIDX%2F20260131%2Fus-east-1%2Fs3%2Faws4_request");
    assertThat(answer.statusCode()).isEqualTo(501);
    assertThat(answer.body()).contains("AWS_ENDPOINT_URL_S3");
  }

  @Test
  void whatIsNoHttpIsAnsweredAndClosed() throws Exception {
    try (Socket socket = front.socket()) {
      socket
          .getOutputStream()
          .write("THIS IS NO HTTP AT ALL\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).matches("(?s)HTTP/1\\.. 400 .*").contains("not well-formed HTTP");
    }
  }

  @Test
  void oneConnectionCarriesManyRequests() throws Exception {
    try (Socket socket = front.socket()) {
      for (int i = 0; i < 3; i++) {
        write(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(readAnswer(socket.getInputStream())).startsWith("HTTP/1.1 404");
      }
    }
  }

  @Test
  void closingFinishesWhatIsInFlightAndTakesNoMore() throws Exception {
    try (Front closing = new Front();
        SageMakerClient client = closing.client(SageMakerClient.builder())) {
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      closing.inListModels =
          () -> {
            inside.countDown();
            try {
              assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          };
      CompletableFuture<Integer> answer =
          CompletableFuture.supplyAsync(
              () -> client.listModels().models().size(), Thread::startVirtualThread);
      assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<Void> closed =
          CompletableFuture.runAsync(closing::stopServer, Thread::startVirtualThread);
      while (closing.get("/bucket").statusCode() != 503) {
        Thread.onSpinWait();
      }
      assertThat(answer).isNotDone();
      go.countDown();
      assertThat(answer.get(20, TimeUnit.SECONDS)).isZero();
      closed.get(20, TimeUnit.SECONDS);
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The head and as much body as it announces. */
  private static String readAnswer(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) next);
    }
    String length = head.toString().replaceFirst("(?is).*content-length: *(\\d+).*", "$1");
    return head + new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
  }
}
