package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.Usage;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What an instance may do and use. */
final class DockerBoundsTest extends DockerTest {

  @Test
  void hasFewCapabilitiesAndGetsNoMore() throws Exception {
    String seen =
        printed(
            "caps",
            "grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\\t ';"
                + " mount -t tmpfs none /tmp 2>/dev/null || echo no mount;"
                + " mknod /tmp/sda b 8 0 2>/dev/null || echo no device;"
                + " ls /var/run/docker.sock 2>/dev/null || echo no socket;"
                + " ls -d /work /home 2>/dev/null || echo nothing of the host;"
                + " chown 5:5 /opt/ml && echo may chown");
    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10
    assertThat(seen.lines())
        .containsExactly(
            "CapEff:00000000000004fb",
            "CapBnd:00000000000004fb",
            "NoNewPrivs:1",
            "Seccomp:2",
            "no mount",
            "no device",
            "no socket",
            "nothing of the host",
            "may chown");
  }

  @Test
  void aForkBombEndsAtTheLimitOfProcesses() throws Exception {
    reopen(engine.settings().withPidsLimit(16));
    String seen =
        printed("pids", "for i in $(seq 1 40); do sleep 60 & done 2>/dev/null; echo survived");
    assertThat(seen).doesNotContain("survived");
  }

  @Test
  void outOfMemoryIsToldApartFromACrash() throws Exception {
    InstanceGroupSpec spec =
        start(
            member("memory", "test-image")
                .resources(Resources.of(64, 1))
                .script("exec awk 'BEGIN { s = \"x\"; while (1) s = s s }'"));
    Phase.Exit exit = exit(spec);
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.outOfMemory()).isTrue();
  }

  @Test
  void aChildThatWasKilledForMemoryIsToldToo() throws Exception {
    InstanceGroupSpec spec =
        start(
            member("child", "test-image")
                .resources(Resources.of(64, 1))
                .script("awk 'BEGIN { s = \"x\"; while (1) s = s s }'; echo went on; exit 0"));
    Phase.Exit exit = exit(spec);
    assertThat(exit.code()).isZero();
    assertThat(exit.outOfMemory()).isTrue();
    assertThat(log(spec)).contains("went on");
  }

  @Test
  void isBoundedInMemoryCpuAndSharedMemory() throws Exception {
    InstanceGroupSpec spec =
        start(
            member("bounds", "test-image")
                .resources(new Resources(256, 3, true, List.of(), OptionalLong.empty()))
                .script("df -k /dev/shm | tail -1 | awk '{print $2}'"));
    exit(spec);
    assertThat(log(spec).strip()).isEqualTo(Integer.toString(128 * 1024));
    InspectContainerResponse container = inspect(spec);
    var host = container.getHostConfig();
    assertThat(host.getMemory()).isEqualTo(256L << 20);
    assertThat(host.getMemorySwap()).isEqualTo(256L << 20);
    assertThat(host.getCpuShares()).isEqualTo(3 * 1024);
    long cpus = Math.min(3, Runtime.getRuntime().availableProcessors());
    assertThat(host.getNanoCPUs()).isEqualTo(cpus * 1_000_000_000);
    assertThat(host.getPrivileged()).isFalse();
    assertThat(host.getNetworkMode()).isNotEqualTo("host");
    assertThat(host.getBinds()).isNullOrEmpty();
    assertThat(container.getConfig().getLabels())
        .containsEntry("dev.mlp.server", engine.server())
        .containsEntry("dev.mlp.group", spec.id().value())
        .containsEntry("dev.mlp.host", "algo-1")
        .containsEntry("dev.mlp.account", "000000000000")
        .containsEntry("dev.mlp.owner.name", "bounds");
  }

  @Test
  void gpusThatTheEngineCannotGiveAreAClearFailure() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeFalse(
        runtime.capabilities().gpus(), "skipped: this engine has GPUs");
    InstanceGroupSpec spec =
        start(
            member("gpu", "test-image")
                .resources(new Resources(64, 1, false, List.of("GPU-1"), OptionalLong.empty()))
                .script("exit 0"));
    assertThat(end(spec).phase())
        .isInstanceOfSatisfying(
            Phase.Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Phase.Step.STARTING);
              assertThat(broken.reason()).contains("GPU-1", "container toolkit");
            });
  }

  @Test
  void whatItWritesIsBoundedByItsVolume() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    InstanceGroupSpec spec =
        start(
            member("volume", "test-image")
                .inputs(input("s3://bucket/train", "input/data/train"))
                .resources(new Resources(256, 1, false, List.of(), OptionalLong.of(8 << 20)))
                .script(
                    "dd if=/dev/zero of=/opt/ml/model/a bs=1M count=5 2>/dev/null;"
                        + " dd if=/dev/zero of=/opt/ml/input/data/train/a bs=1M count=5 2>/dev/null;"
                        + " sleep 100"));
    assertThat(end(spec).phase())
        .isInstanceOfSatisfying(
            Phase.Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Phase.Step.RUNNING);
              assertThat(broken.reason()).contains("algo-1 wrote", "VolumeSizeInGB");
            });
  }

  @Test
  void tellsWhatIsUsed() throws Exception {
    InstanceGroupSpec spec =
        start(
            member("usage", "test-image")
                .script(
                    "dd if=/dev/zero of=/opt/ml/model/a bs=1M count=3 2>/dev/null; echo up; while"
                        + " :; do :; done"));
    awaitLog(spec, "up");
    Usage usage =
        eventually(
                () -> List.copyOf(runtime.usage(spec.id()).values()),
                all ->
                    all.size() == 1
                        && all.getFirst().cpuNanos() > 100_000_000
                        && all.getFirst().diskBytes().orElse(0) >= 3 << 20)
            .getFirst();
    assertThat(usage.memoryBytes()).isBetween(1L, 64L << 20);
    assertThat(usage.memoryLimitBytes()).isEqualTo(128L << 20);
    assertThat(usage.gpus()).isEmpty();
  }
}
