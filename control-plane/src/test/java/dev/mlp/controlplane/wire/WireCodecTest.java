package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingInputMode;
import software.amazon.awssdk.services.sagemaker.model.TrainingInstanceType;

class WireCodecTest {
  private static WireCodec.Decoded<CreateTrainingJobRequest> decode(String json) {
    return WireCodec.decode(
        json.getBytes(StandardCharsets.UTF_8), CreateTrainingJobRequest::builder);
  }

  @Test
  void readsBackWhatItWrote() {
    CreateTrainingJobRequest request = Requests.training().build();
    CreateTrainingJobRequest again =
        WireCodec.read(WireCodec.write(request), CreateTrainingJobRequest::builder);
    assertThat(again).isEqualTo(request);
  }

  @Test
  void writesWireNamesAndLeavesOutWhatIsAbsent() {
    CreateTrainingJobRequest request =
        CreateTrainingJobRequest.builder()
            .trainingJobName("j")
            .hyperParameters(Map.of("a", "1"))
            .algorithmSpecification(a -> a.trainingInputMode(TrainingInputMode.FILE))
            .build();
    assertThat(WireCodec.write(request))
        .isEqualTo(
            """
            {"TrainingJobName":"j","HyperParameters":{"a":"1"},\
            "AlgorithmSpecification":{"TrainingInputMode":"File"}}\
            """);
  }

  @Test
  void keepsACollectionThatIsThereButEmpty() {
    CreateTrainingJobRequest request = decode("{\"Tags\":[],\"Environment\":{}}").value();
    assertThat(request.hasTags()).isTrue();
    assertThat(WireCodec.write(request)).isEqualTo("{\"Tags\":[],\"Environment\":{}}");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-31T12:00:00Z,1769860800.000",
    "2026-01-31T12:00:00.123Z,1769860800.123",
    "2026-01-31T12:00:00.123456789Z,1769860800.123456789",
    "1969-12-31T23:59:59.500Z,-0.500"
  })
  void writesTimesAsEpochSecondsWithAFraction(String time, String written) {
    DescribeTrainingJobResponse response =
        DescribeTrainingJobResponse.builder().creationTime(Instant.parse(time)).build();
    String json = WireCodec.write(response);
    assertThat(json).isEqualTo("{\"CreationTime\":" + written + "}");
    assertThat(WireCodec.read(json, DescribeTrainingJobResponse::builder)).isEqualTo(response);
  }

  @Test
  void readsTimesInEveryNumberForm() {
    for (String seconds : List.of("1529870369.986", "1.529870369986E9", "1529870369986e-3")) {
      assertThat(
              WireCodec.read(
                      "{\"CreationTime\":" + seconds + "}", DescribeTrainingJobResponse::builder)
                  .creationTime())
          .isEqualTo(Instant.ofEpochMilli(1529870369986L));
    }
  }

  @Test
  void findsUnknownMembersWithTheirPathsAndReadsTheRest() {
    WireCodec.Decoded<CreateTrainingJobRequest> decoded =
        decode(
            """
            {"Flavour": {"a": [1, {"b": 2}]},
             "ResourceConfig": {"InstanceKount": 1, "InstanceCount": 2},
             "InputDataConfig": [{"ChannelName": "a"}, {"DataSource": {"Uri": "s3://b/k"}}],
             "TrainingJobName": "j"}
            """);
    assertThat(decoded.unknown())
        .containsExactly(
            new WireCodec.UnknownMember("flavour", Optional.empty()),
            new WireCodec.UnknownMember(
                "resourceConfig.instanceKount", Optional.of("InstanceCount")),
            new WireCodec.UnknownMember(
                "inputDataConfig.2.member.dataSource.uri", Optional.empty()));
    assertThat(decoded.value().trainingJobName()).isEqualTo("j");
    assertThat(decoded.value().resourceConfig().instanceCount()).isEqualTo(2);
  }

  @Test
  void keepsTheTextOfAnUnknownEnum() {
    CreateTrainingJobRequest request =
        decode("{\"ResourceConfig\":{\"InstanceType\":\"ml.q9.huge\"}}").value();
    assertThat(request.resourceConfig().instanceType())
        .isEqualTo(TrainingInstanceType.UNKNOWN_TO_SDK_VERSION);
    assertThat(request.resourceConfig().instanceTypeAsString()).isEqualTo("ml.q9.huge");
    assertThat(WireCodec.write(request)).contains("ml.q9.huge");
  }

  @Test
  void takesNullForAbsent() {
    assertThat(decode("{\"TrainingJobName\":null,\"Tags\":null}").value())
        .isEqualTo(CreateTrainingJobRequest.builder().build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"TrainingJobName\":5}|Type mismatch at 'trainingJobName': expected a string, found the number 5",
        "{\"ResourceConfig\":[]}|Type mismatch at 'resourceConfig': expected an object, found a list",
        "{\"ResourceConfig\":{\"InstanceCount\":\"one\"}}|Type mismatch at 'resourceConfig.instanceCount': expected an integer, found the string \"one\"",
        "{\"ResourceConfig\":{\"InstanceCount\":1.5}}|Type mismatch at 'resourceConfig.instanceCount': expected an integer, found the number 1.5",
        "{\"ResourceConfig\":{\"InstanceCount\":3000000000}}|Type mismatch at 'resourceConfig.instanceCount': expected an integer of 32 bits, found the number 3000000000",
        "{\"InputDataConfig\":{}}|Type mismatch at 'inputDataConfig': expected a list, found an object",
        "{\"InputDataConfig\":[7]}|Type mismatch at 'inputDataConfig.1.member': expected an object, found the number 7",
        "{\"InputDataConfig\":[{},{\"ChannelName\":[]}]}|Type mismatch at 'inputDataConfig.2.member.channelName': expected a string, found a list",
        "{\"HyperParameters\":{\"Epochs\":3}}|Type mismatch at 'hyperParameters.Epochs': expected a string, found the number 3",
        "{\"EnableNetworkIsolation\":\"yes\"}|Type mismatch at 'enableNetworkIsolation': expected true or false, found the string \"yes\"",
        "[]|The body is a list: expected a JSON object",
        "\"x\"|The body is the string \"x\": expected a JSON object",
        "{} {}|The body goes on after its JSON object",
        "{\"TrainingJobName\":\"a\"|The body is not well-formed JSON: Unexpected end-of-input: expected close marker for Object (line 1, column 23)",
        "nonsense|The body is not well-formed JSON: Unrecognized token 'nonsense': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (line 1, column 1)"
      })
  void saysWhatIsWrongWithTheJson(String json, String message) {
    assertThatThrownBy(() -> decode(json))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION))
        .hasMessage(message);
  }

  @Test
  void refusesAnEmptyBody() {
    assertThatThrownBy(() -> decode("")).hasMessage("The body is empty: expected a JSON object");
  }

  @Test
  void aHugeExponentIsRefusedBeforeItIsComputed() {
    assertThatThrownBy(() ->
            WireCodec.read("{\"CreationTime\":1e999999999}", DescribeTrainingJobResponse::builder))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION));
  }

  @Test
  void damagedBytesAreRefused() {
    byte[] json = "{\"TrainingJobName\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    json[20] = (byte) 0xff;
    assertThatThrownBy(() -> WireCodec.decode(json, CreateTrainingJobRequest::builder))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION));
  }
}
