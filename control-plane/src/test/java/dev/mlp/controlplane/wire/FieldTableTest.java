package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;

class FieldTableTest {
  private final FieldTable table = FieldTable.load();

  @Test
  void hasExactlyTheOperationsOfTheConstraintsTable() {
    Set<String> supported = new TreeSet<>();
    for (Service service : Service.values()) {
      supported.addAll(Constraints.load().model(service).operations().keySet());
    }
    assertThat(new TreeSet<>(table.operations().keySet())).isEqualTo(supported);
  }

  @Test
  void coversEveryFieldOfEveryOperationExactlyOnce() {
    List<String> wrong = new ArrayList<>();
    for (Service service : Service.values()) {
      for (String operation : Constraints.load().model(service).operations().keySet()) {
        FieldTable.Node node = Objects.requireNonNull(table.operations().get(operation));
        compare(node, SdkModels.builder(service, operation + "Request"), operation, false, wrong);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** {@code covered}: a line above stands for everything here, so no line may stand here. */
  private static void compare(
      FieldTable.Node node, SdkPojo pojo, String path, boolean covered, List<String> wrong) {
    Map<String, SdkField<?>> fields = new TreeMap<>();
    pojo.sdkFields().forEach(field -> fields.put(field.memberName(), field));
    for (String name : node.members().keySet()) {
      if (!fields.containsKey(name)) {
        wrong.add(path + "." + name + " does not exist");
      }
    }
    fields.forEach((name, field) -> {
      String at = path + "." + name;
      FieldTable.Node member = node.members().get(name);
      if (member == null) {
        if (!covered) {
          wrong.add(at + " is missing");
        }
        return;
      }
      if (covered && member.rule() != null) {
        wrong.add(at + " stands there twice");
      }
      SdkPojo below = structure(field);
      if (below == null) {
        if (member.rule() == null && !covered) {
          wrong.add(at + " has no verdict");
        }
        if (!member.members().isEmpty()) {
          wrong.add(at + " has no members");
        }
      } else if (member.rule() == null || !member.members().isEmpty()) {
        compare(member, below, at, covered || member.rule() != null, wrong);
      }
    });
  }

  private static @Nullable SdkPojo structure(SdkField<?> field) {
    return switch (field.marshallingType().getKnownType()) {
      case SDK_POJO -> field.constructor().get();
      case LIST -> structure(field.getTrait(ListTrait.class).memberFieldInfo());
      case MAP -> structure(field.getTrait(MapTrait.class).valueFieldInfo());
      default -> null;
    };
  }

  @Test
  void everyRuleForAValueNamesOneOfTheEnumsValues() {
    Constraints.Model model = Constraints.load().model(Service.SAGEMAKER);
    List<String> wrong = new ArrayList<>();
    model
        .operations()
        .forEach((name, operation) ->
            values(
                Objects.requireNonNull(table.operations().get(name)),
                model,
                operation.input().orElseThrow(),
                name,
                wrong));
    assertThat(wrong).isEmpty();
  }

  private static void values(
      FieldTable.Node node,
      Constraints.Model model,
      String shapeName,
      String path,
      List<String> wrong) {
    Shape shape = model.shape(shapeName);
    if (shape instanceof Shape.ListOf list) {
      values(node, model, list.member(), path, wrong);
    } else if (shape instanceof Shape.Structure structure) {
      node.members()
          .forEach((name, member) ->
              values(
                  member,
                  model,
                  Objects.requireNonNull(structure.members().get(name)),
                  path + "." + name,
                  wrong));
    } else if (shape instanceof Shape.Text text
        && !text.values().containsAll(node.values().keySet())) {
      wrong.add(path + ": " + node.values().keySet() + " against " + text.values());
    }
  }

  private void assertRefused(CreateTrainingJobRequest request, String... problems) {
    Problems found = new Problems();
    table.check("CreateTrainingJob", request, found);
    assertThatThrownBy(() -> found.throwIfAny(ErrorCode.VALIDATION))
        .hasMessage(
            (problems.length == 1 ? "1 validation error" : problems.length + " validation errors")
                + " detected: "
                + String.join("; ", problems));
  }

  @Test
  void aRefusedFieldIsNamedWithItsValueAndWhatToDo() {
    assertRefused(
        Requests.training().enableManagedSpotTraining(true).build(),
        "Value 'true' at 'enableManagedSpotTraining' failed to satisfy constraint: Member must not"
            + " be set: there are no spot instances; leave it out");
  }

  @Test
  void aRefusedValueIsNamedInsideOfLists() {
    CreateTrainingJobRequest request = Requests.training().build();
    assertRefused(
        request.toBuilder()
            .inputDataConfig(
                request.inputDataConfig().getFirst(),
                request.inputDataConfig().getFirst().toBuilder().inputMode("Pipe").build())
            .build(),
        "Value 'Pipe' at 'inputDataConfig.2.member.inputMode' failed to satisfy constraint: Member"
            + " must not be Pipe: channels are downloaded before the program starts; use File");
  }

  @Test
  void whatAsksForNothingPasses() {
    Problems none = new Problems();
    table.check(
        "CreateTrainingJob",
        Requests.training()
            .enableManagedSpotTraining(false)
            .enableInterContainerTrafficEncryption(false)
            .outputDataConfig(o -> o.s3OutputPath("s3://b/o").kmsKeyId("").compressionType("GZIP"))
            .resourceConfig(r -> r.instanceCount(1).keepAlivePeriodInSeconds(0))
            .experimentConfig(e -> {})
            .remoteDebugConfig(r -> r.enableRemoteDebug(false))
            .build(),
        none);
    none.throwIfAny(ErrorCode.VALIDATION);
  }

  @Test
  void whatIsHarmlessIsAccepted() {
    Problems none = new Problems();
    table.check(
        "CreateTrainingJob",
        Requests.training()
            .vpcConfig(v -> v.subnets("subnet-1").securityGroupIds("sg-1"))
            .debugHookConfig(d -> d.s3OutputPath("s3://b/debug"))
            .profilerConfig(p -> p.s3OutputPath("s3://b/profile").disableProfiler(false))
            .build(),
        none);
    none.throwIfAny(ErrorCode.VALIDATION);
  }

  @Test
  void aTableThatSaysAFieldTwiceIsRefused() {
    assertThatThrownBy(() -> FieldTable.parse("[A]\nX honoured\nX refused because\n"))
        .hasMessage("'X' stands there twice");
    assertThatThrownBy(() -> FieldTable.parse("[A]\nX refused\n")).hasMessageContaining("reason");
    assertThatThrownBy(() -> FieldTable.parse("[A]\nX perhaps\n")).hasMessageContaining("verdict");
  }
}
