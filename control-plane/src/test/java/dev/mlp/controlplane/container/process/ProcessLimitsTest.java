package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits by the control groups of this machine, version 1; skipped where it has none for us. */
final class ProcessLimitsTest {
  private static final int MAX_PROCESSES = 40;

  /** Takes 200 MB and touches all of it. */
  private static final String EAT = "python3 -c 'b = bytearray(200_000_000); print(len(b))'";

  @TempDir Path folder;
  private InstanceUnderTest instance;

  @BeforeEach
  void open() throws Exception {
    instance =
        new InstanceUnderTest(
            folder,
            root ->
                new ProcessEngine(
                    root,
                    ShellPrograms.IMAGES,
                    new ProcessEngine.Settings(MAX_PROCESSES, Duration.ofSeconds(10)),
                    Clock.systemUTC()));
    String limits = instance.engine().limits();
    assumeTrue(
        limits.equals("memory, CPU and process limits by cgroup v1"),
        "needs all of cgroup v1, as root; here: " + limits);
  }

  @AfterEach
  void close() throws Exception {
    instance.close();
  }

  @Test
  void aProgramThatTakesMoreThanItsMemoryIsKilledAndSoTold() throws Exception {
    instance.start(InstanceUnderTest.memory(64), "exec " + EAT);
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.outOfMemory()).isTrue();
  }

  @Test
  void aProgramThatStaysWithinItsMemoryIsNot() throws Exception {
    instance.start(InstanceUnderTest.memory(400), EAT + "; exit 1");
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.outOfMemory()).isFalse();
    assertThat(instance.log()).containsExactly("200000000");
  }

  @Test
  void thatOnlyAChildWasKilledForMemoryIsTold() throws Exception {
    instance.start(InstanceUnderTest.memory(64), EAT + "; echo \"child: $?\"; exit 0");
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isZero();
    assertThat(exit.outOfMemory()).isTrue();
    assertThat(instance.log()).contains("child: 137");
  }

  @Test
  void whatMemoryEndedItIsKnownAfterARestart() throws Exception {
    Path go = folder.resolve("go");
    instance.start(
        InstanceUnderTest.memory(64),
        EAT + "; echo eaten; while [ ! -e '%s' ]; do sleep 0.02; done; exit 1".formatted(go));
    instance.awaitLine("eaten");
    instance.reopen();
    Files.createFile(go);
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isEqualTo(1);
    assertThat(exit.outOfMemory()).isTrue();
  }

  @Test
  void aLauncherThatWentWithTheMemoryIsNotLost() throws Exception {
    instance.start(InstanceUnderTest.memory(64), EAT + "; echo eaten; exec sleep 600");
    instance.awaitLine("eaten");
    assertThat(ProcessHandle.of(instance.shim()).orElseThrow().destroyForcibly()).isTrue();
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.outOfMemory()).isTrue();
  }

  @Test
  void theLauncherIsTheLastToBeKilledForMemory() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "echo -1000 > /proc/self/oom_score_adj").start().waitFor()
            == 0,
        "needs the capability CAP_SYS_RESOURCE");
    instance.start(
        InstanceUnderTest.memory(64),
        "cat /proc/$PPID/oom_score_adj /proc/self/oom_score_adj; echo up; exec sleep 600");
    instance.awaitLine("up");
    String own = Files.readString(Path.of("/proc/self/oom_score_adj")).strip();
    assertThat(instance.log()).containsExactly("-1000", own, "up");
  }

  @Test
  void theWeightIsThatOfItsCpusAndTheQuotaOnlyWhereItIsStrict() throws Exception {
    instance.start(Resources.of(64, 3), "echo up; exec sleep 600");
    instance.awaitLine("up");
    assertThat(value("cpu", "cpu.shares")).isEqualTo("3072");
    assertThat(value("cpu", "cpu.cfs_quota_us")).isEqualTo("-1");
    assertThat(value("memory", "memory.limit_in_bytes")).isEqualTo("67108864");
    assertThat(value("memory", "memory.memsw.limit_in_bytes")).isEqualTo("67108864");
    assertThat(value("pids", "pids.max")).isEqualTo(Integer.toString(MAX_PROCESSES));
  }

  @Test
  void strictCpusAreAllThatItGets() throws Exception {
    instance.start(
        new Resources(64, 1, true, List.of(), OptionalLong.empty()),
        """
        for i in 1 2 3 4; do while :; do :; done & done
        echo up
        wait
        """);
    instance.awaitLine("up");
    long before = instance.usage().orElseThrow().cpuNanos();
    long began = System.nanoTime();
    long used =
        eventually(
            () -> instance.usage().orElseThrow().cpuNanos() - before,
            nanos -> nanos > Duration.ofSeconds(1).toNanos());
    long wall = System.nanoTime() - began;
    // A period more, of 100 ms, may fall into the time; without the quota it would be two CPUs.
    assertThat((double) used).isLessThan(wall * 1.05 + 200e6);
    assertThat(value("cpu", "cpu.cfs_quota_us")).isEqualTo("100000");
    assertThat(value("cpu", "cpu.cfs_period_us")).isEqualTo("100000");
  }

  @Test
  void startsNoMoreProcessesThanItMay() throws Exception {
    instance.start(
        InstanceUnderTest.memory(256),
        """
        i=0
        while [ $i -lt 100 ]; do sleep 600 & i=$((i + 1)); done
        echo all
        """);
    Phase.Exit exit = instance.awaitExit();
    assertThat(exit.code()).isNotZero();
    assertThat(instance.log()).anyMatch(line -> line.contains("fork")).doesNotContain("all");
    assertThat(CgroupFiles.processes(groups())).isEmpty();
  }

  @Test
  void aDaemonThatHidesItsOriginIsKilledAndTheGroupsAreGone() throws Exception {
    instance.start(
        InstanceUnderTest.memory(64),
        """
        setsid env -i sh -c 'setsid env -i sh -c "echo \\$\\$ > daemon; exec sleep 600" &' &
        while [ ! -s daemon ]; do sleep 0.01; done
        echo up
        exec sleep 600
        """);
    instance.awaitLine("up");
    long daemon = Long.parseLong(Files.readString(instance.ml().resolve("daemon")).strip());
    Collection<Path> groups = groups();
    assertThat(groups).hasSize(4).allMatch(Files::isDirectory);
    assertThat(InstanceUnderTest.isAlive(daemon)).isTrue();
    instance.remove();
    assertThat(InstanceUnderTest.isAlive(daemon)).isFalse();
    assertThat(groups).noneMatch(Files::exists);
  }

  @Test
  void whatHidesItsOriginIsKilledWhenTheProgramEnds() throws Exception {
    instance.start(
        InstanceUnderTest.memory(64),
        """
        setsid env -i sh -c 'echo $$ > daemon; exec sleep 600' &
        while [ ! -s daemon ]; do sleep 0.01; done
        """);
    assertThat(instance.awaitExit().code()).isZero();
    long daemon = Long.parseLong(Files.readString(instance.ml().resolve("daemon")).strip());
    assertThat(InstanceUnderTest.isAlive(daemon)).isFalse();
  }

  @Test
  void limitsStayThroughARestartAndSoDoTheFigures() throws Exception {
    instance.start(
        InstanceUnderTest.memory(100),
        """
        i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done
        echo up
        exec python3 -c 'import time; b = bytearray(30_000_000); print("big", flush=True); \
        time.sleep(600)'
        """);
    instance.awaitLine("big");
    Usage before = instance.usage().orElseThrow();
    instance.reopen();
    Usage after = instance.usage().orElseThrow();
    assertThat(after.cpuNanos())
        .isGreaterThanOrEqualTo(before.cpuNanos())
        .isBetween(10_000_000L, 20_000_000_000L);
    assertThat(after.memoryBytes()).isBetween(30_000_000L, 100L << 20);
    assertThat(after.memoryLimitBytes()).isEqualTo(100L << 20);
    assertThat(after.gpus()).isEmpty();
    assertThat(groups()).allMatch(Files::isDirectory);
  }

  @Test
  void aSweepTakesWhatHasBelongedToNobodyForAWhile() throws Exception {
    Path root = folder.toRealPath().resolve("swept");
    SettableClock clock = new SettableClock();
    try (Cgroups cgroups = Cgroups.open(root, MAX_PROCESSES, clock)) {
      InstanceCgroup unknown =
          cgroups.create(new GroupId("unknown"), "algo-1.x", Resources.of(64, 1)).orElseThrow();
      InstanceCgroup known =
          cgroups.create(instance.id, "algo-1", Resources.of(64, 1)).orElseThrow();
      Process left = new ProcessBuilder("sleep", "600").start();
      try {
        Path pids = unknown.named().getOrDefault("pids", Path.of("/none"));
        Files.writeString(pids.resolve("cgroup.procs"), Long.toString(left.pid()));
        cgroups.sweep(Set.of(instance.id));
        assertThat(unknown.folders()).allMatch(Files::isDirectory);
        clock.now = clock.now.plus(Duration.ofMinutes(2));
        cgroups.sweep(Set.of(instance.id));
        assertThat(unknown.folders()).noneMatch(Files::exists);
        assertThat(left.waitFor()).isEqualTo(137);
        assertThat(known.folders()).allMatch(Files::isDirectory);
      } finally {
        left.destroyForcibly();
        CgroupFiles.remove(known.folders());
      }
    }
  }

  private static final class SettableClock extends Clock {
    private Instant now = Instant.EPOCH;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private String value(String controller, String file) throws Exception {
    return Files.readString(instance.cgroup(controller).resolve(file)).strip();
  }

  private Collection<Path> groups() throws Exception {
    return InstanceCgroup.parse(Files.readString(instance.state("cgroups"))).folders();
  }
}
