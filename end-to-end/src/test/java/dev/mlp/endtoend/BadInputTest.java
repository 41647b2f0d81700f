package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlp.sdk.Session;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;
import software.amazon.awssdk.services.sagemaker.model.TrainingInputMode;

/** Bad input gets a clear error, and nothing is lost. */
class BadInputTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir static Path temporary;
  private static Server server;
  private static Session session;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(temporary.resolve("data"));
    session =
        Session.builder()
            .environment(server.clientEnvironment())
            .endpointOverride(URI.create(server.url()))
            .build();
  }

  @AfterAll
  static void stop() {
    session.close();
    server.close();
  }

  @Test
  void anUnsignedRequestIsAnsweredInTheFormOfAws() throws Exception {
    HttpResponse<String> answer = post(null);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(JSON.readTree(answer.body()).get("__type").asText())
        .isEqualTo("MissingAuthenticationTokenException");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
  }

  @Test
  void aWronglySignedRequestIsAnsweredInTheFormOfAws() throws Exception {
    String key = server.credentials().get("accessKeyId").asText();
    HttpResponse<String> answer =
        post(
            "AWS4-HMAC-SHA256 Credential="
                + key
                + "/"
                + java.time.LocalDate.now(java.time.ZoneOffset.UTC).toString().replace("-", "")
                + "/us-east-1/sagemaker/aws4_request, SignedHeaders=host;x-amz-date, Signature="
                + "0".repeat(64));

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(JSON.readTree(answer.body()).get("__type").asText())
        .isEqualTo("InvalidSignatureException");
  }

  @Test
  void everyProblemOfARequestIsInOneAnswer() {
    assertThatThrownBy(() ->
            session
                .sageMaker()
                .createTrainingJob(request ->
                    request
                        .trainingJobName("not a name")
                        .roleArn("arn:aws:iam::111122223333:role/mlp")
                        .algorithmSpecification(algorithm ->
                            algorithm
                                .trainingImage("mlp-training")
                                .trainingInputMode(TrainingInputMode.PIPE))
                        .outputDataConfig(output -> output.s3OutputPath("s3://bucket/o"))
                        .resourceConfig(resources ->
                            resources
                                .instanceType("ml.none.large")
                                .instanceCount(1)
                                .volumeSizeInGB(30))
                        .stoppingCondition(stop -> stop.maxRuntimeInSeconds(0))))
        .isInstanceOfSatisfying(
            SageMakerException.class,
            e -> {
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
              assertThat(e.awsErrorDetails().errorMessage())
                  .contains("Value 'not a name' at 'trainingJobName' failed to satisfy constraint")
                  .contains("stoppingCondition.maxRuntimeInSeconds")
                  .contains("ml.none.large")
                  .containsIgnoringCase("trainingInputMode");
            });
  }

  @Test
  void theCommandLineSaysEveryProblemBeforeItUploadsAnything() throws Exception {
    Path request =
        Files.writeString(
            temporary.resolve("job.yaml"),
            """
            TrainingJobName: "not a name"
            ResourceConfig: {InstanceType: ml.m5.large, InstanceCount: 0, VolumeSizeInGB: 30}
            StoppingCondition: {MaxRuntimeInSeconds: 0}
            """);

    Command.Result result = server.mlp("train", "-f", request.toString()).run(SOON);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors().lines()).hasSize(1);
    assertThat(result.errors()).contains("not a name").contains("0 seconds").contains("instances");
  }

  @Test
  void anUnknownFieldIsRefusedByName() throws Exception {
    Path request =
        Files.writeString(
            temporary.resolve("unknown.yaml"),
            """
            TrainingJobName: unknown
            RoleArn: arn:aws:iam::111122223333:role/mlp
            AlgorithmSpecification: {TrainingImage: mlp-training, TrainingInputMode: File}
            OutputDataConfig: {S3OutputPath: "s3://bucket/output"}
            ResourceConfig: {InstanceType: ml.m5.large, InstanceCount: 1, VolumeSizeInGB: 30}
            StoppingCondition: {MaxRuntimeInSecond: 10}
            """);

    Command.Result result = server.mlp("train", "-f", request.toString()).run(SOON);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.errors()).contains("MaxRuntimeInSecond");
  }

  @Test
  void aMissingPrefixIsNamedBeforeAnythingStarts() throws Exception {
    Path script = Files.writeString(temporary.resolve("ok.sh"), "echo fine\n");

    Command.Result result =
        server
            .mlp(
                "train",
                "--entry",
                script.toString(),
                "--name",
                "nothing-there",
                "--channel",
                "train=s3://sagemaker-us-east-1-none/nothing")
            .run(SOON);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.errors())
        .contains("No S3 objects found under S3 URL \"s3://sagemaker-us-east-1-none/nothing\"");
    assertThat(server.mlp("jobs", "list").run(SOON).orFail()).doesNotContain("nothing-there");
  }

  @Test
  void aScriptThatFailsSaysHow() throws Exception {
    Path exits = Files.writeString(temporary.resolve("exits.sh"), "echo the last words\nexit 3\n");
    Path writes =
        Files.writeString(
            temporary.resolve("writes.sh"),
            "echo 'the label column is missing' > \"$SM_OUTPUT_DIR/failure\"\nexit 1\n");

    Command.Result exited =
        server.mlp("train", "--entry", exits.toString(), "--name", "exits").run(SOON);
    Command.Result wrote =
        server.mlp("train", "--entry", writes.toString(), "--name", "writes").run(SOON);

    assertThat(exited.exitCode()).isEqualTo(1);
    assertThat(exited.errors()).contains("ExitCode 3");
    assertThat(exited.output()).contains("the last words");
    assertThat(wrote.exitCode()).isEqualTo(1);
    assertThat(describe("writes").get("FailureReason").asText())
        .contains("the label column is missing");
  }

  @Test
  void anArchiveWithoutASavedModelFailsTheEndpointByName() throws Exception {
    Path folder = Files.createDirectories(temporary.resolve("no-model"));
    Files.writeString(folder.resolve("weights.txt"), "none");
    Path archive = temporary.resolve("no-model.tar.gz");
    new Command(
            java.util.List.of("tar", "-czf", archive.toString(), "-C", folder.toString(), "."),
            java.util.Map.of(),
            temporary)
        .run(SOON)
        .orFail();

    Command.Result local =
        server
            .mlp("deploy", "--endpoint", "empty", "--model-data", archive.toString())
            .run(Duration.ofMinutes(2));
    assertThat(local.exitCode()).isEqualTo(2);
    assertThat(local.errors()).contains("SavedModel");

    // Past the command line's own look: what the server makes of it.
    String uploaded = session.uploadData(archive, "no-model").toString();
    Command.Result result =
        server
            .mlp("deploy", "--endpoint", "empty", "--model-data", uploaded)
            .run(Duration.ofMinutes(2));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.errors()).contains("no SavedModel bundles found");
    server.mlp("endpoints", "delete", "empty").run(SOON).orFail();
  }

  @Test
  void aBadInvocationIsAnsweredByTheModelsOwnWords() throws Exception {
    Path model = TestData.require("saved_model_half_plus_two");
    server
        .mlp("deploy", "--endpoint", "words", "--model-data", model.toString())
        .run(Duration.ofMinutes(2))
        .orFail();

    assertThat(predictErrors("this is no json")).contains("JSON Parse error");
    assertThat(predictErrors("{\"signature_name\":\"nope\",\"instances\":[1.0]}")).contains("nope");
    assertThat(predictErrors("{\"instances\":[\"text\"]}")).contains("400");
    assertThat(
            server
                .mlp("predict", "--endpoint", "words", "--json", "{\"instances\":[1.0]}")
                .run(SOON)
                .orFail())
        .contains("2.5");
    server.mlp("endpoints", "delete", "words").run(SOON).orFail();
  }

  @Test
  void aTypoIsAnsweredWithTheCommandThatWasMeant() throws Exception {
    Command.Result result = server.mlp("trian").run(SOON);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors()).contains("train");
  }

  private static String predictErrors(String body) throws Exception {
    Path file = Files.writeString(temporary.resolve("body.json"), body);
    Command.Result result =
        server.mlp("predict", "--endpoint", "words", "--file", file.toString()).run(SOON);
    assertThat(result.exitCode()).isEqualTo(1);
    return result.errors();
  }

  private static JsonNode describe(String job) throws Exception {
    return JSON.readTree(
        server.mlp("jobs", "describe", job, "--output", "json").run(SOON).orFail());
  }

  private static HttpResponse<String> post(@org.jspecify.annotations.Nullable String authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url()))
            .header("X-Amz-Target", "SageMaker.ListTrainingJobs")
            .header("Content-Type", "application/x-amz-json-1.1")
            .POST(HttpRequest.BodyPublishers.ofString("{}"));
    if (authorization != null) {
      String now =
          java.time.format.DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
              .withZone(java.time.ZoneOffset.UTC)
              .format(java.time.Instant.now());
      request.header("Authorization", authorization).header("X-Amz-Date", now);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
