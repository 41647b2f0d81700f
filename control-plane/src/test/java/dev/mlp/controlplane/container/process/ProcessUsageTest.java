package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Use and bounds that need no control groups. */
final class ProcessUsageTest {
  private static final ProcessEngine.Settings QUICK =
      new ProcessEngine.Settings(4096, Duration.ofMillis(50));
  private static final long MEBIBYTE = 1 << 20;

  @TempDir Path folder;
  private InstanceUnderTest instance;

  @BeforeEach
  void open() throws Exception {
    instance =
        new InstanceUnderTest(
            folder,
            root -> new ProcessEngine(root, ShellPrograms.IMAGES, QUICK, Clock.systemUTC()));
  }

  private void openBare() throws Exception {
    instance.close();
    instance = new InstanceUnderTest(folder, root -> ProcessRuntimes.bareEngine(root, QUICK));
  }

  @AfterEach
  void close() throws Exception {
    instance.close();
  }

  @Test
  void sumsUpItsProcessesWhereNothingCountsThem() throws Exception {
    openBare();
    instance.start(
        InstanceUnderTest.memory(512),
        """
        (i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done)
        python3 -c 'import time; b = bytearray(30_000_000); print("one", flush=True); \\
        time.sleep(600)' &
        exec python3 -c 'import time; b = bytearray(30_000_000); print("two", flush=True); \\
        time.sleep(600)'
        """);
    instance.awaitLine("one");
    instance.awaitLine("two");
    Usage usage = instance.usage().orElseThrow();
    assertThat(usage.cpuNanos()).isBetween(20_000_000L, 60_000_000_000L);
    assertThat(usage.memoryBytes()).isBetween(60_000_000L, 200_000_000L);
    assertThat(usage.memoryLimitBytes()).isGreaterThan(usage.memoryBytes());
    assertThat(usage.gpus()).isEmpty();
  }

  @Test
  void hasNoFiguresOfWhatDoesNotRun() throws Exception {
    instance.start(InstanceUnderTest.memory(64), "exit 0");
    instance.awaitEnd();
    assertThat(instance.usage()).isEmpty();
  }

  @Test
  void tellsHowMuchItHasWrittenInPlaceAndInHoles() throws Exception {
    instance.start(
        InstanceUnderTest.volume(100 * MEBIBYTE),
        """
        head -c 3145728 /dev/zero > model/real
        ln model/real model/again
        truncate -s 1G model/holes
        echo up
        exec sleep 600
        """);
    instance.awaitLine("up");
    long bytes =
        eventually(
                () -> instance.usage().flatMap(ProcessUsageTest::disk),
                written -> written.filter(n -> n >= 3 * MEBIBYTE).isPresent())
            .orElseThrow();
    assertThat(bytes).isBetween(3 * MEBIBYTE, 4 * MEBIBYTE);
    assertThat(instance.seen().phase()).isInstanceOf(Phase.Running.class);
  }

  @Test
  void endsAnInstanceThatWritesMoreThanItsVolume() throws Exception {
    instance.start(
        InstanceUnderTest.volume(5 * MEBIBYTE),
        """
        setsid sh -c 'echo $$ > "$SAGEMAKER_BASE_DIR/other"; exec sleep 600' &
        while [ ! -s other ]; do sleep 0.01; done
        head -c 8388608 /dev/zero > "$TMPDIR/big"
        exec sleep 600
        """);
    assertThat(instance.awaitEnd())
        .isInstanceOfSatisfying(
            Phase.Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Phase.Step.RUNNING);
              assertThat(broken.reason())
                  .matches("It wrote 0\\.00\\d GiB, more than its VolumeSizeInGB of 0\\.005\\.");
            });
    long other = Long.parseLong(Files.readString(instance.ml().resolve("other")).strip());
    assertThat(InstanceUnderTest.isAlive(other)).isFalse();
    assertThat(InstanceUnderTest.isAlive(instance.shim())).isFalse();
  }

  @Test
  void thatItWentPastItsVolumeIsKnownAfterARestart() throws Exception {
    instance.start(InstanceUnderTest.volume(5 * MEBIBYTE), "echo up; exec sleep 600");
    instance.awaitLine("up");
    long shim = instance.shim();
    // The control plane was killed between writing this down and killing the program.
    instance.runtime().close();
    Files.writeString(instance.state("excess"), "It wrote too much.");
    instance.reopen();
    assertThat(instance.awaitEnd())
        .isEqualTo(new Phase.Broken(Phase.Step.RUNNING, "It wrote too much.", Optional.empty()));
    assertThat(InstanceUnderTest.isAlive(shim)).isFalse();
  }

  @Test
  void inputsAreNotItsOwnEvenWhereTheyAreCopies() throws Exception {
    openBare();
    instance.store.put("s3://bucket/train/a.csv", "x".repeat(8 << 20));
    instance.start(
        InstanceUnderTest.volume(5 * MEBIBYTE),
        "head -c 2097152 /dev/zero > model/m; echo up; exec sleep 600",
        List.of(
            new Input(
                S3Address.parse("s3://bucket/train"), "input/data/train", Input.Kind.PREFIX)));
    instance.awaitLine("up");
    long bytes =
        eventually(
                () -> instance.usage().flatMap(ProcessUsageTest::disk),
                written -> written.filter(n -> n >= 2 * MEBIBYTE).isPresent())
            .orElseThrow();
    assertThat(bytes).isLessThan(3 * MEBIBYTE);
    assertThat(instance.seen().phase()).isInstanceOf(Phase.Running.class);
  }

  private static Optional<Long> disk(Usage usage) {
    return usage.diskBytes().isPresent()
        ? Optional.of(usage.diskBytes().getAsLong())
        : Optional.empty();
  }
}
