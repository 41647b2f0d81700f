package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantInstanceType;
import software.amazon.awssdk.services.sagemaker.model.TrainingInstanceType;

class InstanceCatalogueTest {
  private static final InstanceCatalogue CATALOGUE = InstanceCatalogue.builtIn();

  @Test
  void knowsEveryTypeThatTheServiceModelNames() {
    assertThat(
            Stream.concat(
                TrainingInstanceType.knownValues().stream().map(Object::toString),
                ProductionVariantInstanceType.knownValues().stream().map(Object::toString)))
        .hasSizeGreaterThan(400)
        .allSatisfy(name -> {
          assertThat(CATALOGUE.find(name)).isPresent();
          InstanceType type = CATALOGUE.find(name).orElseThrow();
          assertThat(type.name()).isEqualTo(name);
          assertThat(type.vcpus()).isBetween(1, 192);
          assertThat(type.memoryMebibytes() / type.vcpus()).isBetween(1024L, 16_384L);
          assertThat(type.gpus() > 0).isEqualTo(name.matches("ml\\.[gp]\\d.*"));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "local, 2, 2048, 0",
    "ml.m5.large, 2, 8192, 0",
    "ml.m5.xlarge, 4, 16384, 0",
    "ml.c5.18xlarge, 72, 147456, 0",
    "ml.c4.large, 2, 3840, 0",
    "ml.c5n.9xlarge, 36, 98304, 0",
    "ml.t2.medium, 2, 4096, 0",
    "ml.m8g.medium, 1, 4096, 0",
    "ml.p2.xlarge, 4, 62464, 1",
    "ml.g5.48xlarge, 192, 786432, 8",
    "ml.p6e-gb200.36xlarge, 144, 983040, 4",
  })
  void hasThePublishedSizes(String name, int vcpus, long mebibytes, int gpus) {
    assertThat(CATALOGUE.find(name)).contains(new InstanceType(name, vcpus, mebibytes, gpus));
  }

  @Test
  void knowsNothingElse() {
    assertThat(CATALOGUE.find("ml.m5.huge")).isEmpty();
    assertThat(CATALOGUE.find("m5.large")).isEmpty();
    assertThat(CATALOGUE.find("")).isEmpty();
  }

  @Test
  void typesOfTheUsersOwnAreAddedAndReplaceBuiltInOnes() {
    InstanceType home = new InstanceType("ml.home.large", 4, 8192, 1);
    InstanceType small = new InstanceType("local", 1, 512, 0);
    InstanceCatalogue catalogue =
        InstanceCatalogue.with(Map.of("ml.home.large", home, "local", small));
    assertThat(catalogue.find("ml.home.large")).contains(home);
    assertThat(catalogue.find("local")).contains(small);
    assertThat(catalogue.has("ml.m5.large")).isTrue();
    assertThat(CATALOGUE.has("ml.home.large")).isFalse();
    assertThatThrownBy(() -> InstanceCatalogue.with(Map.of("ml.other.large", home)))
        .hasMessage("instance type 'ml.other.large': it is called 'ml.home.large'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ml.home.large", "ml.p6-b200.48xlarge", "local", "big-box", "a1"})
  void takesNamesAsSageMakerHasThemAndWords(String name) {
    assertThat(new InstanceType(name, 1, 1, 0).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ml.home", "ml..large", "ml.a.b.c", "Local", "1a", "a_b", "-a", "a-", "a b"})
  void refusesOtherNames(String name) {
    assertThatThrownBy(() -> new InstanceType(name, 1, 1, 0))
        .hasMessageStartingWith("instance type '" + name + "': expected a name such as");
  }

  @Test
  void refusesATypeWithoutCpusOrMemory() {
    assertThatThrownBy(() -> new InstanceType("local", 0, 1, 0)).hasMessageContaining("0 vCPUs");
    assertThatThrownBy(() -> new InstanceType("local", 1, 0, 0)).hasMessageContaining("0 MiB");
    assertThatThrownBy(() -> new InstanceType("local", 1, 1, -1)).hasMessageContaining("-1 GPUs");
  }
}
