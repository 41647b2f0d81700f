package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.TarGz;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another JVM hosts the runtime, and is killed while instances run. */
final class ControlPlaneCrashTest {
  private static final GroupId OUTLIVES = new GroupId("outlives");
  private static final GroupId ENDS_MEANWHILE = new GroupId("ends-meanwhile");

  /** The first control plane: starts both groups and waits to be killed. */
  static final class FirstControlPlane {
    private FirstControlPlane() {}

    /** Takes the test's folder. */
    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      try (LocalRuntime runtime = open(folder, new FakeArtifactStore())) {
        runtime.start(group(folder, OUTLIVES, "go-1", 7));
        runtime.start(group(folder, ENDS_MEANWHILE, "go-2", 3));
        Thread.currentThread().join();
      }
    }
  }

  @TempDir Path folder;

  @Test
  void whatRunsIsAdoptedAndWhatEndedMeanwhileIsKnown() throws Exception {
    Process first =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FirstControlPlane.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("first.log").toFile())
            .start();
    try {
      awaitLines(OUTLIVES, List.of("before"));
      awaitLines(ENDS_MEANWHILE, List.of("before"));
    } finally {
      first.destroyForcibly();
    }
    assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
    Files.createFile(folder.resolve("go-2"));
    Path state = folder.resolve("runtime").resolve(ENDS_MEANWHILE.value()).resolve("algo-1/state");
    eventually(() -> Files.exists(state.resolve("exit.3")), there -> there);

    FakeArtifactStore store = new FakeArtifactStore();
    try (LocalRuntime second = open(folder, store)) {
      assertThat(second.observe(OUTLIVES).orElseThrow().members().getFirst().phase())
          .isEqualTo(new Phase.Running());
      assertThat(awaitExit(second, ENDS_MEANWHILE).code()).isEqualTo(3);
      Files.createFile(folder.resolve("go-1"));
      assertThat(awaitExit(second, OUTLIVES).code()).isEqualTo(7);
      for (GroupId id : List.of(OUTLIVES, ENDS_MEANWHILE)) {
        assertThat(Files.readAllLines(log(folder, id))).containsExactly("before", "after");
        assertThat(TarGz.entries(store.get("s3://bucket/" + id)))
            .containsExactly(Map.entry("weights", "w"));
        second.remove(id);
      }
      assertThat(second.observeAll()).isEmpty();
    }
  }

  private static LocalRuntime open(Path folder, FakeArtifactStore store) throws Exception {
    return ProcessRuntimes.open(folder.resolve("runtime"), ShellPrograms.IMAGES, store);
  }

  private static InstanceGroupSpec group(Path folder, GroupId id, String go, int code) {
    String script =
        """
        echo before
        printf w > model/weights
        while [ ! -e '%s' ]; do sleep 0.02; done
        echo after
        exit %d
        """
            .formatted(folder.resolve(go), code);
    return new InstanceGroupSpec(
        id,
        new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, id.value()),
        List.of(
            new MemberSpec(
                "algo-1",
                "test-image",
                List.of(),
                List.of(script),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(new Output("model", new S3Address("bucket", id.value()), false)),
                "output/failure",
                log(folder, id),
                OptionalInt.empty(),
                Resources.of(512, 1))),
        false);
  }

  private static Path log(Path folder, GroupId id) {
    return folder.resolve(id + ".log");
  }

  private void awaitLines(GroupId id, List<String> expected) throws Exception {
    Path log = log(folder, id);
    eventually(
        () -> Files.exists(log) ? Files.readAllLines(log) : List.<String>of(), expected::equals);
  }

  private static Phase.Exit awaitExit(LocalRuntime runtime, GroupId id) throws Exception {
    Phase end =
        eventually(
            () -> runtime.observe(id).orElseThrow().members().getFirst().phase(), Phase::terminal);
    assertThat(end).isInstanceOf(Phase.Exited.class);
    return ((Phase.Exited) end).exit();
  }
}
