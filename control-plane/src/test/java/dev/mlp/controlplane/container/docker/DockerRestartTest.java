package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.TarGz;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of instances when their engine goes away and comes back. */
final class DockerRestartTest {
  @TempDir Path folder;
  private final FakeArtifactStore store = new FakeArtifactStore();

  @Test
  void whatTheEngineEndedWithItselfIsLostForThisReason() throws Exception {
    try (PrivateEngine dockerd = new PrivateEngine(folder);
        TestEngine engine = TestEngine.open(dockerd.settings());
        LocalRuntime runtime = engine.runtime(folder.resolve("runtime"), false, store)) {
      InstanceGroupSpec spec = group("echo up; sleep 1000");
      runtime.start(spec);
      awaitLine(spec, "up");
      dockerd.stop();
      dockerd.start();
      assertThat(end(runtime, spec).phase()).isEqualTo(new Phase.Lost(Endings.ENGINE_STOPPED));
      runtime.remove(spec.id());
    }
  }

  @Test
  void soIsWhatDiedWithAnEngineThatWasKilled() throws Exception {
    try (PrivateEngine dockerd = new PrivateEngine(folder);
        TestEngine engine = TestEngine.open(dockerd.settings());
        LocalRuntime runtime = engine.runtime(folder.resolve("runtime"), false, store)) {
      InstanceGroupSpec spec = group("echo up; sleep 1000");
      runtime.start(spec);
      awaitLine(spec, "up");
      dockerd.kill();
      dockerd.start();
      assertThat(end(runtime, spec).phase()).isEqualTo(new Phase.Lost(Endings.ENGINE_STOPPED));
      runtime.remove(spec.id());
    }
  }

  @Test
  void whatRunsOnWithoutTheEngineIsFoundAgainWithAllThatItWrote() throws Exception {
    try (PrivateEngine dockerd = new PrivateEngine(folder, "--live-restore");
        TestEngine engine = TestEngine.open(dockerd.settings());
        LocalRuntime runtime = engine.runtime(folder.resolve("runtime"), false, store)) {
      InstanceGroupSpec spec =
          group("for i in $(seq 1 60); do echo $i; sleep 0.1; done; echo w > /opt/ml/model/w");
      runtime.start(spec);
      awaitLine(spec, "5");
      dockerd.stop();
      dockerd.start();
      assertThat(end(runtime, spec).phase())
          .isInstanceOfSatisfying(
              Phase.Exited.class, exited -> assertThat(exited.exit().code()).isZero());
      assertThat(Files.readAllLines(log(spec)))
          .isEqualTo(IntStream.rangeClosed(1, 60).mapToObj(Integer::toString).toList());
      assertThat(TarGz.entries(store.get("s3://bucket/model.tar.gz")))
          .containsExactly(Map.entry("w", "w\n"));
      runtime.remove(spec.id());
    }
  }

  @Test
  void whatIsStartedWhileTheEngineIsAwayRunsWhenItIsBack() throws Exception {
    try (PrivateEngine dockerd = new PrivateEngine(folder);
        TestEngine engine = TestEngine.open(dockerd.settings());
        LocalRuntime runtime = engine.runtime(folder.resolve("runtime"), false, store)) {
      dockerd.stop();
      InstanceGroupSpec spec = group("echo ran");
      runtime.start(spec);
      eventually(() -> observe(runtime, spec), seen -> seen.phase() instanceof Phase.Staging);
      dockerd.start();
      assertThat(end(runtime, spec).phase()).isInstanceOf(Phase.Exited.class);
      assertThat(Files.readAllLines(log(spec))).containsExactly("ran");
      runtime.remove(spec.id());
    }
  }

  private InstanceGroupSpec group(String script) {
    return new InstanceGroupSpec(
        new GroupId("restart"),
        new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, "restart"),
        List.of(
            new MemberSpec(
                "algo-1",
                "test-image",
                List.of(),
                List.of("sh", "-c", script),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(new Output("model", S3Address.parse("s3://bucket/model.tar.gz"), false)),
                "output/failure",
                folder.resolve("restart.log"),
                OptionalInt.empty(),
                Resources.of(64, 1))),
        false);
  }

  private static Path log(InstanceGroupSpec spec) {
    return spec.members().getFirst().log();
  }

  private static void awaitLine(InstanceGroupSpec spec, String line) throws Exception {
    eventually(
        () -> Files.exists(log(spec)) ? Files.readAllLines(log(spec)) : List.<String>of(),
        lines -> lines.contains(line));
  }

  private static MemberObservation observe(LocalRuntime runtime, InstanceGroupSpec spec) {
    return runtime.observe(spec.id()).orElseThrow().members().getFirst();
  }

  private static MemberObservation end(LocalRuntime runtime, InstanceGroupSpec spec)
      throws Exception {
    return eventually(() -> observe(runtime, spec), seen -> seen.phase().terminal());
  }
}
