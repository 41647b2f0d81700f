package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingKnownType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;

/** Fails the build where the table and the SDK are of different weeks. */
class ConstraintsTest {
  private final Constraints constraints = Constraints.load();

  @Test
  void saysWhatItWasMadeOf() {
    assertThat(constraints.source()).matches("botocore \\d+\\.\\d+\\.\\d+");
  }

  @ParameterizedTest
  @EnumSource(Service.class)
  void hasTheMembersThatTheSdkHasInEverySupportedOperation(Service service) {
    Constraints.Model model = constraints.model(service);
    assertThat(model.operations()).isNotEmpty();
    model
        .operations()
        .forEach((name, operation) -> {
          operation.input().ifPresent(shape -> compare(model, service, name + "Request", shape));
          operation.output().ifPresent(shape -> compare(model, service, name + "Response", shape));
        });
  }

  private static void compare(
      Constraints.Model model, Service service, String modelClass, String shape) {
    compare(model, SdkModels.builder(service, modelClass), shape, modelClass, new HashSet<>());
  }

  private static void compare(
      Constraints.Model model, SdkPojo pojo, String name, String path, Set<String> seen) {
    if (!seen.add(name)) {
      return;
    }
    Shape.Structure structure = (Shape.Structure) model.shape(name);
    Set<String> members = new TreeSet<>();
    for (SdkField<?> field : pojo.sdkFields()) {
      members.add(field.memberName());
    }
    assertThat(members).as(path).isEqualTo(new TreeSet<>(structure.members().keySet()));
    assertThat(structure.members().keySet()).as(path).containsAll(structure.required());
    for (SdkField<?> field : pojo.sdkFields()) {
      String member = Objects.requireNonNull(structure.members().get(field.memberName()));
      compare(model, field, member, path + "." + field.memberName(), seen);
    }
  }

  private static void compare(
      Constraints.Model model, SdkField<?> field, String name, String path, Set<String> seen) {
    Shape shape = model.shape(name);
    MarshallingKnownType type = field.marshallingType().getKnownType();
    switch (shape) {
      case Shape.Structure _ -> {
        assertThat(type).as(path).isEqualTo(MarshallingKnownType.SDK_POJO);
        compare(model, field.constructor().get(), name, path, seen);
      }
      case Shape.ListOf list -> {
        assertThat(type).as(path).isEqualTo(MarshallingKnownType.LIST);
        compare(
            model, field.getTrait(ListTrait.class).memberFieldInfo(), list.member(), path, seen);
      }
      case Shape.MapOf map -> {
        assertThat(type).as(path).isEqualTo(MarshallingKnownType.MAP);
        compare(model, field.getTrait(MapTrait.class).valueFieldInfo(), map.value(), path, seen);
      }
      case Shape.Text _, Shape.InstanceType _ ->
          assertThat(type).as(path).isEqualTo(MarshallingKnownType.STRING);
      case Shape.Numeric _ ->
          assertThat(type)
              .as(path)
              .isIn(
                  MarshallingKnownType.INTEGER,
                  MarshallingKnownType.LONG,
                  MarshallingKnownType.FLOAT,
                  MarshallingKnownType.DOUBLE);
      case Shape.Any _ ->
          assertThat(type)
              .as(path)
              .isIn(
                  MarshallingKnownType.BOOLEAN,
                  MarshallingKnownType.INSTANT,
                  MarshallingKnownType.SDK_BYTES);
    }
  }

  @Test
  void theSameEnumValuesAsTheSdk() {
    // Enough to tell two releases apart: the status of a job is what clients wait for.
    Shape.Text status =
        (Shape.Text) constraints.model(Service.SAGEMAKER).shape("TrainingJobStatus");
    assertThat(status.values())
        .containsExactlyInAnyOrderElementsOf(
            software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus.knownValues().stream()
                .map(Object::toString)
                .toList());
    assertThat(Map.copyOf(constraints.model(Service.LOGS).operations()))
        .containsOnlyKeys("DescribeLogStreams", "GetLogEvents");
  }
}
