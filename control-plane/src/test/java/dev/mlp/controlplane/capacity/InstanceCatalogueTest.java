package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantInstanceType;
import software.amazon.awssdk.services.sagemaker.model.TrainingInstanceType;

class InstanceCatalogueTest {
  @Test
  void knowsEveryTypeThatTheServiceModelNames() {
    assertThat(
            Stream.concat(
                TrainingInstanceType.knownValues().stream().map(Object::toString),
                ProductionVariantInstanceType.knownValues().stream().map(Object::toString)))
        .hasSizeGreaterThan(400)
        .allSatisfy(name -> {
          assertThat(InstanceCatalogue.find(name)).isPresent();
          InstanceType type = InstanceCatalogue.find(name).orElseThrow();
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
    assertThat(InstanceCatalogue.find(name))
        .contains(new InstanceType(name, vcpus, mebibytes, gpus));
  }

  @Test
  void knowsNothingElse() {
    assertThat(InstanceCatalogue.find("ml.m5.huge")).isEmpty();
    assertThat(InstanceCatalogue.find("m5.large")).isEmpty();
    assertThat(InstanceCatalogue.find("")).isEmpty();
  }

  @Test
  void fitsALargerTypeToTheMachine() {
    InstanceType type = InstanceCatalogue.find("ml.p2.xlarge").orElseThrow();
    assertThat(InstanceCatalogue.fitted(type, 6000))
        .isEqualTo(new InstanceType("ml.p2.xlarge", 4, 6000, 1));
    assertThat(InstanceCatalogue.fitted(type, 62_464)).isSameAs(type);
  }
}
