package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsRequest;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;
import software.amazon.awssdk.services.sagemaker.model.Tag;

class RequestChecksTest {
  private static final String FAILED = " failed to satisfy constraint: ";
  private static final String NAME_PATTERN = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";

  private final RequestChecks checks =
      new RequestChecks(Set.of("ml.m5.large", "ml.m5.xlarge")::contains);

  private void check(CreateTrainingJobRequest request) {
    checks.check(Service.SAGEMAKER, "CreateTrainingJob", request, List.of());
  }

  private void assertBroken(CreateTrainingJobRequest request, String... problems) {
    assertThatThrownBy(() -> check(request))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALIDATION))
        .hasMessage(
            problems.length
                + (problems.length == 1 ? " validation error" : " validation errors")
                + " detected: "
                + String.join("; ", problems));
  }

  @Test
  void aRightRequestPasses() {
    assertThatCode(() -> check(Requests.training().build())).doesNotThrowAnyException();
  }

  @Test
  void everyProblemIsReportedAtOnceWithTheRefusals() {
    CreateTrainingJobRequest request =
        Requests.training()
            .trainingJobName("x y")
            .resourceConfig(r -> r.instanceCount(0).instanceType("ml.q9.huge"))
            .enableManagedSpotTraining(true)
            .build();
    assertBroken(
        request,
        "Value 'x y' at 'trainingJobName'"
            + FAILED
            + "Member must satisfy regular expression pattern: "
            + NAME_PATTERN,
        "Value 'ml.q9.huge' at 'resourceConfig.instanceType'"
            + FAILED
            + "Member must satisfy enum value set: [instance types such as ml.m5.large]",
        "Value '0' at 'resourceConfig.instanceCount'"
            + FAILED
            + "Member must not be 0: a job needs at least one instance",
        "Value 'true' at 'enableManagedSpotTraining'"
            + FAILED
            + "Member must not be set: there are no spot instances; leave it out");
  }

  @Test
  void whatIsMissingIsNull() {
    assertBroken(
        Requests.training().trainingJobName(null).outputDataConfig(o -> {}).build(),
        "Value null at 'trainingJobName'" + FAILED + "Member must not be null",
        "Value null at 'outputDataConfig.s3OutputPath'" + FAILED + "Member must not be null");
  }

  @Test
  void pathsGoThroughLists() {
    Channel channel = Requests.training().build().inputDataConfig().getFirst();
    assertBroken(
        Requests.training()
            .inputDataConfig(channel, channel.toBuilder().channelName("a b").build())
            .build(),
        "Value 'a b' at 'inputDataConfig.2.member.channelName'"
            + FAILED
            + "Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+");
  }

  @Test
  void anUnknownEnumTextIsShownWithTheValues() {
    assertBroken(
        Requests.training()
            .algorithmSpecification(a -> a.trainingImage("i").trainingInputMode("Film"))
            .build(),
        "Value 'Film' at 'algorithmSpecification.trainingInputMode'"
            + FAILED
            + "Member must satisfy enum value set: [Pipe, File, FastFile]");
  }

  @Test
  void mapsAreCheckedByKeyAndValueAndSize() {
    assertBroken(
        Requests.training().environment(Map.of("1A", "x")).build(),
        "Value '1A' at 'environment'"
            + FAILED
            + "Map keys must satisfy constraint: [Member must satisfy regular expression pattern:"
            + " [a-zA-Z_][a-zA-Z0-9_]*]");
    assertThatThrownBy(
            () -> check(Requests.training().hyperParameters(Map.of("k", "v".repeat(2501))).build()))
        .hasMessageStartingWith("1 validation error detected: Value '{k=vvv")
        .hasMessageEndingWith(
            "…' at 'hyperParameters'"
                + FAILED
                + "Map value must satisfy constraint: [Member must have length less than or equal"
                + " to 2500]");
  }

  @Test
  void listsOfTextsShowTheElement() {
    assertBroken(
        Requests.training()
            .vpcConfig(v -> v.subnets("subnet-1", "no space").securityGroupIds("sg-1"))
            .build(),
        "Value '[no space]' at 'vpcConfig.subnets'"
            + FAILED
            + "Member must satisfy constraint: [Member must satisfy regular expression pattern:"
            + " [-0-9a-zA-Z]+]");
  }

  @Test
  void sizesOfListsAreChecked() {
    CreateEndpointConfigRequest none =
        CreateEndpointConfigRequest.builder()
            .endpointConfigName("c")
            .productionVariants(List.<ProductionVariant>of())
            .build();
    assertThatThrownBy(
            () -> checks.check(Service.SAGEMAKER, "CreateEndpointConfig", none, List.of()))
        .hasMessage(
            "1 validation error detected: Value '[]' at 'productionVariants'"
                + FAILED
                + "Member must have length greater than or equal to 1");
  }

  @Test
  void lengthsCountCodePoints() {
    // 128 at most: as UTF-16 this would be 256. Letters beyond the basic plane match \p{L}.
    String key = "𝒜".repeat(128);
    assertThatCode(() ->
            check(
                Requests.training()
                    .tags(Tag.builder().key(key).value("Straße, 東京".replace(",", "")).build())
                    .build()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() ->
            check(Requests.training().tags(Tag.builder().key(key + "a").value("").build()).build()))
        .hasMessageContaining("'tags.1.member.key'" + FAILED + "Member must have length less than");
  }

  @Test
  void patternsMatchTheWholeText() {
    assertThatThrownBy(() -> check(Requests.training().trainingJobName("job\n").build()))
        .hasMessageContaining("regular expression");
    assertThatThrownBy(() -> check(Requests.training().trainingJobName("a".repeat(64)).build()))
        .hasMessageContaining("length less than or equal to 63")
        .hasMessageContaining("regular expression");
  }

  @Test
  void aHugeTextIsRefusedWithoutMatchingIt() {
    assertThatThrownBy(
            () -> check(Requests.training().trainingJobName("a".repeat(1_000_000)).build()))
        .hasMessageContaining("length less than or equal to 63")
        .hasMessageMatching("(?s).{1,600}");
  }

  @Test
  void nullsInsideOfCollectionsAreProblems() {
    WireCodec.Decoded<CreateTrainingJobRequest> decoded =
        WireCodec.decode(
            WireCodec.write(Requests.training().build())
                .replaceFirst("\"Tags\":\\[", "\"Tags\":[null,")
                .replaceFirst("\"LOG_LEVEL\":\"debug\"", "\"LOG_LEVEL\":null")
                .getBytes(StandardCharsets.UTF_8),
            CreateTrainingJobRequest::builder);
    assertBroken(
        decoded.value(),
        "Value null at 'tags.1.member'" + FAILED + "Member must not be null",
        "Value null at 'environment.LOG_LEVEL.member'" + FAILED + "Member must not be null");
  }

  @Test
  void unknownMembersAreRefusedByNameWithASuggestion() {
    WireCodec.Decoded<CreateTrainingJobRequest> decoded =
        WireCodec.decode(
            WireCodec.write(Requests.training().build())
                .replaceFirst("\"InstanceCount\":1", "\"InstanceCount\":1,\"instancetype\":\"x\"")
                .replaceFirst("\\{", "{\"Flavour\":3,")
                .getBytes(StandardCharsets.UTF_8),
            CreateTrainingJobRequest::builder);
    assertThatThrownBy(() ->
            checks.check(
                Service.SAGEMAKER, "CreateTrainingJob", decoded.value(), decoded.unknown()))
        .hasMessage(
            "2 validation errors detected: Value at 'flavour'"
                + FAILED
                + "Member must be one that CreateTrainingJob has; Value at"
                + " 'resourceConfig.instancetype'"
                + FAILED
                + "Member must be one that CreateTrainingJob has (did you mean 'instanceType'?)");
  }

  @Test
  void rangesAreChecked() {
    ListTrainingJobsRequest request = ListTrainingJobsRequest.builder().maxResults(101).build();
    assertThatThrownBy(
            () -> checks.check(Service.SAGEMAKER, "ListTrainingJobs", request, List.of()))
        .hasMessage(
            "1 validation error detected: Value '101' at 'maxResults'"
                + FAILED
                + "Member must have value less than or equal to 100");
  }

  @Test
  void cloudWatchLogsHasACodeOfItsOwn() {
    GetLogEventsRequest request = GetLogEventsRequest.builder().logGroupName("g").build();
    assertThatThrownBy(() -> checks.check(Service.LOGS, "GetLogEvents", request, List.of()))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER))
        .hasMessage(
            "1 validation error detected: Value null at 'logStreamName'"
                + FAILED
                + "Member must not be null");
  }

  @Test
  void aUnionTakesExactlyOneMember() throws Exception {
    Constraints.Model model =
        Constraints.of(
                new ObjectMapper()
                    .readTree(
                        """
                        {"services": {"sagemaker": {
                          "operations": {"X": {"input": "U"}},
                          "shapes": {
                            "U": {"type": "structure", "union": true,
                                  "members": {"Key": "S", "Value": "S"}},
                            "S": {"type": "string"}}}}}
                        """))
            .model(Service.SAGEMAKER);
    Problems both = new Problems();
    new ConstraintWalker(model, _ -> true, both)
        .walk("X", Tag.builder().key("a").value("b").build());
    assertThatThrownBy(() -> both.throwIfAny(ErrorCode.VALIDATION))
        .hasMessageContaining("exactly one of its members");
    Problems one = new Problems();
    new ConstraintWalker(model, _ -> true, one).walk("X", Tag.builder().key("a").build());
    one.throwIfAny(ErrorCode.VALIDATION);
  }
}
