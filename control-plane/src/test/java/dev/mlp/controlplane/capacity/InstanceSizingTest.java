package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceSizingTest {
  private static final String NO_FIT =
      ". Larger types are refused here and not fitted (--instance-types strict).";

  private static Machine machine(long memory, int vcpus, int gpus) {
    return new Machine(
        memory,
        vcpus,
        IntStream.range(0, gpus).mapToObj(i -> new Gpu("GPU-" + i, OptionalLong.empty())).toList());
  }

  private static InstanceSizing sizing(InstanceTypes types, Machine machine) {
    return new InstanceSizing(InstanceCatalogue.builtIn(), machine, types, CpuMode.SHARED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ml.m5.large    | 1 | 0 | 8192  | 0 | ''",
        "ml.m5.large    | 3 | 0 | 5333  | 0 | (ml.m5.large fitted to this machine: 5,333 MiB instead of 8,192 MiB)",
        "ml.g5.xlarge   | 1 | 0 | 16000 | 0 | (ml.g5.xlarge fitted to this machine: 16,000 MiB instead of 16,384 MiB, without its GPU)",
        "ml.p3.8xlarge  | 1 | 1 | 16000 | 1 | (ml.p3.8xlarge fitted to this machine: 16,000 MiB instead of 249,856 MiB, with 1 GPU instead of 4)",
        "ml.p3.8xlarge  | 1 | 0 | 16000 | 0 | (ml.p3.8xlarge fitted to this machine: 16,000 MiB instead of 249,856 MiB, without its 4 GPUs)",
        "ml.p3.8xlarge  | 2 | 5 | 8000  | 2 | (ml.p3.8xlarge fitted to this machine: 8,000 MiB instead of 249,856 MiB, with 2 GPUs instead of 4)",
      })
  void fitsATypeToTheMachineAndSaysHow(
      String type, int instances, int gpus, long mebibytesEach, int gpusEach, String note) {
    InstanceSize size = sizing(InstanceTypes.FIT, machine(16_000, 2, gpus)).size(type, instances);
    assertThat(size)
        .isInstanceOfSatisfying(
            InstanceSize.Given.class,
            given -> {
              assertThat(given.memoryMebibytes()).isEqualTo(mebibytesEach);
              assertThat(given.gpus()).isEqualTo(gpusEach);
              assertThat(given.note().strip()).isEqualTo(note);
              assertThat(given.demand(Optional.of(Duration.ofHours(1))))
                  .isEqualTo(
                      new Demand(
                          instances, mebibytesEach, gpusEach, Optional.of(Duration.ofHours(1))));
            });
  }

  @Test
  void aFittedTypeLeavesRoomForOthersBesideIt() {
    InstanceSizing sizing = sizing(InstanceTypes.FIT, machine(6000, 2, 2));
    assertThat(sizing.size("ml.p2.xlarge", 1, 3))
        .isInstanceOfSatisfying(
            InstanceSize.Given.class,
            given -> {
              assertThat(given.memoryMebibytes()).isEqualTo(2000);
              assertThat(given.gpus()).isZero();
              assertThat(given.demand(Optional.empty()).totalMebibytes()).isEqualTo(2000);
            });
  }

  @Test
  void aNoteTellsOfWhatWasGrantedAndNotOfWhatWouldBeNow() {
    InstanceSize.Given now =
        (InstanceSize.Given) sizing(InstanceTypes.FIT, machine(4000, 2, 0)).size("ml.p2.xlarge", 1);
    Capacity.Answer.Granted before = new Capacity.Answer.Granted(8000, List.of(List.of("GPU-7")));
    assertThat(now.as(before).note())
        .isEqualTo(" (ml.p2.xlarge fitted to this machine: 8,000 MiB instead of 62,464 MiB)");
    assertThat(now.resources(before, OptionalLong.of(7)))
        .containsExactly(new Resources(8000, 4, false, List.of("GPU-7"), OptionalLong.of(7)));
  }

  @Test
  void vcpusAreAQuotaWhereThatIsConfigured() {
    InstanceSizing sizing =
        new InstanceSizing(
            InstanceCatalogue.builtIn(), machine(9000, 2, 0), InstanceTypes.FIT, CpuMode.STRICT);
    InstanceSize.Given size = (InstanceSize.Given) sizing.size("ml.m5.large", 1);
    assertThat(
            size.resources(
                new Capacity.Answer.Granted(8192, List.of(List.of())), OptionalLong.empty()))
        .containsExactly(new Resources(8192, 2, true, List.of(), OptionalLong.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ml.m5.xlarge  | 1 | ml.m5.xlarge: memory: asked 16,384 MiB, it has 16,000 MiB for instances",
        "ml.m5.large   | 2 | 2 × ml.m5.large: memory: asked 16,384 MiB, it has 16,000 MiB for instances",
        "ml.c5.2xlarge | 1 | ml.c5.2xlarge: memory: asked 16,384 MiB, it has 16,000 MiB for instances; vCPUs: asked 8, it has 4",
        "local         | 3 | 3 × local: vCPUs: asked 6, it has 4",
        "ml.p3.2xlarge | 2 | 2 × ml.p3.2xlarge: memory: asked 124,928 MiB, it has 16,000 MiB for instances; vCPUs: asked 16, it has 4; GPUs: asked 2, it has 1 for instances",
      })
  void strictlyRefusesByTheNameOfWhatIsMissing(String type, int instances, String missing) {
    assertThat(sizing(InstanceTypes.STRICT, machine(16_000, 4, 1)).size(type, instances))
        .isEqualTo(new InstanceSize.Refused("This machine is too small for " + missing + NO_FIT));
  }

  @Test
  void strictlyGivesAllOfATypeThatTheMachineHas() {
    InstanceSizing sizing = sizing(InstanceTypes.STRICT, machine(62_464, 4, 1));
    assertThat(sizing.size("ml.p2.xlarge", 1, 5))
        .isInstanceOfSatisfying(
            InstanceSize.Given.class,
            given -> {
              assertThat(given.memoryMebibytes()).isEqualTo(62_464);
              assertThat(given.gpus()).isEqualTo(1);
              assertThat(given.note()).isEmpty();
            });
  }

  @Test
  void whatRunsTogetherIsMeasuredTogether() {
    List<InstanceSizing.Wanted> two =
        List.of(
            new InstanceSizing.Wanted("ml.m5.large", 1),
            new InstanceSizing.Wanted("ml.c5.xlarge", 2));
    assertThat(sizing(InstanceTypes.STRICT, machine(24_575, 10, 0)).missing(two))
        .contains(
            "This machine is too small for ml.m5.large and 2 × ml.c5.xlarge: memory: asked 24,576"
                + " MiB, it has 24,575 MiB for instances"
                + NO_FIT);
    assertThat(sizing(InstanceTypes.STRICT, machine(24_576, 10, 0)).missing(two)).isEmpty();
    assertThat(sizing(InstanceTypes.FIT, machine(1, 1, 0)).missing(two)).isEmpty();
  }

  @Test
  void refusesATypeThatTheCatalogueDoesNotHave() {
    InstanceSizing sizing =
        new InstanceSizing(
            InstanceCatalogue.with(Map.of("box", new InstanceType("box", 1, 100, 0))),
            machine(1000, 1, 0),
            InstanceTypes.FIT,
            CpuMode.SHARED);
    assertThat(sizing.knows("box")).isTrue();
    assertThat(sizing.size("box", 1)).isInstanceOf(InstanceSize.Given.class);
    assertThat(sizing.knows("crate")).isFalse();
    assertThat(sizing.size("crate", 1))
        .isEqualTo(
            new InstanceSize.Refused(
                "instance type 'crate' is not known: expected one such as ml.m5.large, or local"));
  }
}
