package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.mlp.sdk.testing.FakeAws.Call;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;

class ModelTest {
  private static final Reply NOT_FOUND =
      Reply.error(400, "ValidationException", "Could not find endpoint \"arn:aws:x\".");

  @TempDir Path folder;
  private final Platform platform = new Platform();

  @BeforeEach
  void acceptsModels() {
    platform
        .aws
        .on("CreateModel", Reply.json("{'ModelArn':'a'}"))
        .on("CreateEndpointConfig", Reply.json("{'EndpointConfigArn':'a'}"))
        .on("CreateEndpoint", Reply.json("{'EndpointArn':'a'}"))
        .on("DeleteEndpoint", Reply.json("{}"))
        .on("DeleteEndpointConfig", Reply.json("{}"))
        .on("DeleteModel", Reply.json("{}"));
  }

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    platform.close();
    assertThat(platform.aws.refused()).isEmpty();
  }

  @Test
  void deploysALocalModelAndWaits() throws IOException {
    Files.writeString(folder.resolve("saved_model.pb"), "pb");
    platform.aws.on(
        "DescribeEndpoint", status("Creating"), status("Creating"), status("InService"));
    List<String> heard = new ArrayList<>();
    Predictor predictor =
        model(folder)
            .environment(Map.of("K", "v"))
            .build()
            .deploy(
                "e",
                2,
                "ml.m5.large",
                new DeploymentListener() {
                  @Override
                  public void status(String endpointName, String status) {
                    heard.add(status);
                  }
                });
    assertThat(heard).containsExactly("Creating", "InService");
    assertThat(predictor.endpointName()).isEqualTo("e");
    JsonNode model = platform.aws.calls("CreateModel").getFirst();
    String name = model.get("ModelName").asText();
    assertThat(model.toString())
        .isEqualTo(
            "{'ModelName':'NAME','PrimaryContainer':{'Image':'mlp-inference','ModelDataUrl':'s3://sagemaker-us-east-1-123456789012/NAME/model/model.tar.gz','Environment':{'K':'v'}},'ExecutionRoleArn':'arn:aws:iam::123456789012:role/mlp'}"
                .replace('\'', '"')
                .replace("NAME", name));
    JsonNode variant =
        platform.aws.calls("CreateEndpointConfig").getFirst().at("/ProductionVariants/0");
    assertThat(variant.get("InitialInstanceCount").asInt()).isEqualTo(2);
    assertThat(variant.get("VariantName").asText()).isEqualTo("AllTraffic");
    assertThat(platform.aws.s3().objects().keySet())
        .containsExactly("sagemaker-us-east-1-123456789012/" + name + "/model/model.tar.gz");
  }

  @Test
  void throwsTheReasonWhenTheEndpointFails() {
    platform.aws.on(
        "DescribeEndpoint",
        status("Creating"),
        Reply.json("{'EndpointStatus':'Failed','FailureReason':'exit code 1'}"));
    assertThatThrownBy(() -> remote().deploy("e", 1, "ml.m5.large"))
        .isInstanceOfSatisfying(
            EndpointFailedException.class,
            e -> assertThat(e.failureReason()).isEqualTo("exit code 1"));
  }

  @Test
  void leavesNothingBehindWhenTheEndpointIsRefused() {
    platform.aws.on(
        "CreateEndpoint",
        Reply.error(
            400, "ValidationException", "Cannot create already existing endpoint \"arn\"."));
    assertThatThrownBy(() -> remote().deploy("e", 1, "ml.m5.large"))
        .isInstanceOf(SageMakerException.class)
        .hasMessageContaining("already existing");
    assertThat(platform.aws.calls().stream().map(Call::operation))
        .containsExactly(
            "CreateModel",
            "CreateEndpointConfig",
            "CreateEndpoint",
            "DeleteEndpointConfig",
            "DeleteModel");
  }

  @Test
  void checksBeforeItUploads() {
    assertThatThrownBy(() -> model(folder).build().deploy("bad_name", 0, "ml.m5.large"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("bad_name")
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> model(folder).build().deploy("e", 1, "ml.m5.large"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no SavedModel");
    assertThat(platform.aws.calls()).isEmpty();
  }

  @Test
  void deletesEndpointConfigurationAndModelAndWaitsForTheEnd() {
    platform
        .aws
        .on("DescribeEndpoint", deployed(), status("Deleting"), NOT_FOUND)
        .on(
            "DescribeEndpointConfig",
            Reply.json("{'ProductionVariants':[{'VariantName':'v','ModelName':'m'}]}"));
    Endpoint.Removed removed = new Predictor(platform.session, "e").deleteEndpoint();
    assertThat(removed.endpoint()).isEqualTo("e");
    assertThat(removed.configuration()).contains("c");
    assertThat(removed.models()).containsExactly("m");
    assertThat(platform.aws.calls("DeleteModel").getFirst().get("ModelName").asText())
        .isEqualTo("m");
    assertThat(platform.pauses).hasSize(1);
  }

  @Test
  void keepsTheModelWhenTold() {
    platform
        .aws
        .on("DescribeEndpoint", deployed(), NOT_FOUND)
        .on("DescribeEndpointConfig", NOT_FOUND)
        .on("DeleteEndpointConfig", NOT_FOUND);
    Endpoint.Removed removed = Endpoint.attach(platform.session, "e").delete(Endpoint.Models.KEEP);
    assertThat(removed).isEqualTo(new Endpoint.Removed("e", java.util.Optional.empty(), List.of()));
    assertThat(platform.aws.calls("DeleteModel")).isEmpty();
  }

  @Test
  void asksInJsonAndKeepsNotANumber() {
    platform.aws.onInvoke(call -> Reply.of("application/json", "{\"predictions\":[[0.5]]}"));
    Predictor predictor = new Predictor(platform.session, "e");
    JsonNode answer = predictor.predict(Map.of("instances", List.of(Map.of("Age", Double.NaN))));
    assertThat(answer.at("/predictions/0/0").asDouble()).isEqualTo(0.5);
    JsonNode call = platform.aws.calls("InvokeEndpoint").getFirst();
    assertThat(call.get("body").asText()).isEqualTo("{\"instances\":[{\"Age\":NaN}]}");
    assertThat(call.get("contentType").asText()).isEqualTo("application/json");
    assertThat(call.get("endpointName").asText()).isEqualTo("e");
  }

  @Test
  void sendsBytesAsTheyAre() {
    platform.aws.onInvoke(call -> Reply.of("text/csv", call.body().get("body").asText()));
    Prediction answer =
        new Predictor(platform.session, "e")
            .predict("1,2\n".getBytes(StandardCharsets.UTF_8), "text/csv");
    assertThat(answer.text()).isEqualTo("1,2\n");
    assertThat(answer.contentType()).isEqualTo("text/csv");
  }

  @Test
  void tellsTheKindsOfErrorsApart() {
    Predictor predictor = new Predictor(platform.session, "e");
    platform.aws.onInvoke(call ->
        Reply.error(
            424,
            "ModelError",
            JsonNodeFactory.instance
                .objectNode()
                .put("Message", "Received client error (400) from primary")
                .put("OriginalStatusCode", 400)
                .put("OriginalMessage", "{\"error\":\"no signature x\"}")));
    assertThatThrownBy(() -> predictor.predict(Map.of()))
        .isInstanceOfSatisfying(
            PredictionException.ModelFailed.class,
            e -> {
              assertThat(e.status()).isEqualTo(400);
              assertThat(e.answer()).contains("no signature x");
            });
    platform.aws.onInvoke(
        call -> Reply.error(400, "ValidationError", "Endpoint e of account 1 not found."));
    assertThatThrownBy(() -> predictor.predict(Map.of()))
        .isInstanceOf(PredictionException.Refused.class)
        .hasMessage("Endpoint e of account 1 not found.");
    platform.aws.onInvoke(call -> Reply.error(429, "ModelNotReadyException", "starting"));
    assertThatThrownBy(() -> predictor.predict(Map.of()))
        .isInstanceOf(PredictionException.Unavailable.class)
        .hasMessage("starting");
    platform.aws.onInvoke(call -> Reply.of("text/html", "<html>"));
    assertThatThrownBy(() -> predictor.predict(Map.of()))
        .isInstanceOf(PredictionException.ModelFailed.class)
        .hasMessageContaining("<html>");
  }

  private Model.Builder model(Path data) {
    return Model.builder().session(platform.session).modelData(data);
  }

  private Model remote() {
    return Model.builder().session(platform.session).modelData("s3://b/m/model.tar.gz").build();
  }

  private static Reply status(String status) {
    return Reply.json("{'EndpointStatus':'" + status + "'}");
  }

  private static Reply deployed() {
    return Reply.json("{'EndpointStatus':'InService','EndpointConfigName':'c'}");
  }
}
