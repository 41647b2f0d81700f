package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Input;
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
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only processes have; the rest is in the contract test. */
final class ProcessEngineTest {
  private static final GroupId ID = new GroupId("process-test");

  @TempDir Path folder;
  private final FakeArtifactStore store = new FakeArtifactStore();
  private LocalRuntime runtime;

  @BeforeEach
  void open() throws Exception {
    runtime = ProcessRuntimes.open(folder.resolve("runtime"), ShellPrograms.IMAGES, store);
  }

  @AfterEach
  void remove() throws Exception {
    runtime.remove(ID);
    runtime.close();
  }

  @Test
  void givesACleanEnvironmentAndRealPaths() throws Exception {
    runtime.start(
        group(
            member(
                "env; pwd; cat input/config/hyperparameters.json; ls -d code model output/data",
                List.of(),
                OptionalInt.of(8080))));
    MemberObservation end = awaitEnd();
    List<String> lines = log();
    Map<String, String> variables =
        lines.stream()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1)));
    Path instance = folder.resolve("runtime/process-test/algo-1").toRealPath();
    assertThat(variables)
        .containsEntry("SAGEMAKER_BASE_DIR", instance.resolve("ml").toString())
        .containsEntry("SM_MODEL_DIR", instance.resolve("ml/model").toString())
        .containsEntry("MLP_INSTANCE", "process-test/algo-1")
        .containsEntry("MLP_BIND_HOST", "127.0.0.1")
        .containsEntry("GREETING", "hello")
        .containsEntry("FROM_IMAGE", "overridden")
        .containsEntry("LANG", "C.UTF-8");
    assertThat("127.0.0.1:" + variables.get("SAGEMAKER_BIND_TO_PORT"))
        .isEqualTo(end.address().orElseThrow());
    assertThat(Path.of(variables.getOrDefault("TMPDIR", "/"))).startsWith(instance);
    assertThat(Path.of(variables.getOrDefault("HOME", "/"))).startsWith(instance);
    assertThat(variables.keySet())
        .isSubsetOf(
            "PATH",
            "HOME",
            "TMPDIR",
            "LANG",
            "FROM_IMAGE",
            "GREETING",
            "MLP_INSTANCE",
            "MLP_BIND_HOST",
            "SAGEMAKER_BASE_DIR",
            "SAGEMAKER_BIND_TO_PORT",
            "SM_MODEL_DIR",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");
    assertThat(lines)
        .contains(instance.resolve("ml").toString(), "{\"epochs\":\"3\"}", "code", "output/data");
  }

  @Test
  void killsWhatTheProgramLeftRunningBeforeItCollects() throws Exception {
    runtime.start(
        group(
            member(
                "(while true; do date > model/changing; done) & echo $! > model/pid; exit 0",
                List.of(),
                OptionalInt.empty())));
    awaitEnd();
    long pid = Long.parseLong(Files.readString(ml().resolve("model/pid")).strip());
    assertThat(isAlive(pid)).isFalse();
    assertThat(store.has("s3://bucket/model.tar.gz")).isTrue();
  }

  @Test
  void removeKillsADaemonThatHasLeftItsSession() throws Exception {
    runtime.start(
        group(
            member(
                """
                setsid sh -c 'setsid sh -c "trap \\"\\" TERM; echo \\$\\$ > daemon; while :; do sleep 1; done" &' &
                while [ ! -s daemon ]; do sleep 0.01; done
                echo up
                while :; do sleep 1; done
                """,
                List.of(),
                OptionalInt.empty())));
    awaitLine("up");
    long daemon = Long.parseLong(Files.readString(ml().resolve("daemon")).strip());
    assertThat(isAlive(daemon)).isTrue();
    runtime.remove(ID);
    assertThat(isAlive(daemon)).isFalse();
    assertThat(instanceProcesses()).isEmpty();
  }

  @Test
  void theGraceEndsForTheWholeTree() throws Exception {
    runtime.start(
        group(
            member(
                """
                trap '' TERM
                setsid sh -c 'trap "" TERM; while :; do sleep 1; done' &
                echo up
                while :; do sleep 1; done
                """,
                List.of(),
                OptionalInt.empty())));
    awaitLine("up");
    runtime.stop(ID, Duration.ofMillis(50));
    assertThat(awaitEnd().phase())
        .isInstanceOfSatisfying(
            Phase.Exited.class, exited -> assertThat(exited.exit().code()).isEqualTo(137));
    assertThat(instanceProcesses()).isEmpty();
  }

  @Test
  void theProgramAloneGetsSigterm() throws Exception {
    runtime.start(
        group(
            member(
                """
                trap 'echo cleaning; sleep 0.1; echo clean; exit 5' TERM
                echo up
                while :; do sleep 0.01; done
                """,
                List.of(),
                OptionalInt.empty())));
    awaitLine("up");
    runtime.stop(ID, Duration.ofMinutes(1));
    assertThat(awaitEnd().phase())
        .isInstanceOfSatisfying(
            Phase.Exited.class, exited -> assertThat(exited.exit().code()).isEqualTo(5));
    assertThat(log()).containsExactly("up", "cleaning", "clean");
  }

  @Test
  void isLostWhenItsLauncherIsKilled() throws Exception {
    runtime.start(
        group(member("echo up; while :; do sleep 1; done", List.of(), OptionalInt.empty())));
    awaitLine("up");
    String run = Files.readString(folder.resolve("runtime/process-test/algo-1/state/run"));
    long shim = Long.parseLong(run.substring(0, run.indexOf(' ')));
    assertThat(ProcessHandle.of(shim).orElseThrow().destroyForcibly()).isTrue();
    assertThat(awaitEnd().phase())
        .isInstanceOfSatisfying(
            Phase.Lost.class,
            lost -> assertThat(lost.reason()).contains(Long.toString(shim), "killed"));
    assertThat(instanceProcesses()).isEmpty();
  }

  @Test
  void isLostWhenTheMachineWasRestarted() throws Exception {
    runtime.start(
        group(member("echo up; while :; do sleep 1; done", List.of(), OptionalInt.empty())));
    awaitLine("up");
    runtime.close();
    Path run = folder.resolve("runtime/process-test/algo-1/state/run");
    String real = Files.readString(run);
    Files.writeString(run, real.replaceAll(" \\S+\n", " 00000000-0000-0000-0000-000000000000\n"));
    open();
    assertThat(awaitEnd().phase())
        .isInstanceOfSatisfying(
            Phase.Lost.class, lost -> assertThat(lost.reason()).contains("restarted"));
  }

  @Test
  void aNumberThatCameAgainIsNotTakenForTheLauncher() throws Exception {
    runtime.start(group(member("echo up; exit 0", List.of(), OptionalInt.empty())));
    awaitEnd();
    long self = ProcessHandle.current().pid();
    ProcessTable.Entry entry = ProcessTable.read(self).orElseThrow();
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    assertThat(new ShimIdentity(self, entry.startTime(), boot).isAlive()).isTrue();
    assertThat(new ShimIdentity(self, entry.startTime() - 1, boot).isAlive()).isFalse();
    assertThat(new ShimIdentity(self, entry.startTime(), "another").isAlive()).isFalse();
  }

  @Test
  void breaksWhenTheProgramCannotBeStarted() throws Exception {
    Files.createDirectory(folder.resolve("log"));
    runtime.start(group(member("exit 0", List.of(), OptionalInt.empty())));
    assertThat(awaitEnd().phase())
        .isInstanceOfSatisfying(
            Phase.Broken.class, broken -> assertThat(broken.step()).isEqualTo(Phase.Step.STARTING));
  }

  @Test
  void anEntrypointReplacesTheImagesCommand() throws Exception {
    runtime.start(group(member("ignored", List.of("echo", "instead"), OptionalInt.empty())));
    awaitEnd();
    assertThat(log()).containsExactly("instead ignored");
  }

  @Test
  void refusesNetworkIsolation() {
    InstanceGroupSpec open = group(member("exit 0", List.of(), OptionalInt.empty()));
    assertRefused(
        new InstanceGroupSpec(open.id(), open.owner(), open.members(), true), "isolation");
  }

  @Test
  void namesTheBuiltInImagesWhenItRefusesAnother() {
    assertThatThrownBy(() -> runtime.checkImage("pytorch:2"))
        .hasMessageContainingAll("pytorch:2", "test-image", "Docker");
  }

  @Test
  void acceptsAnAlias() throws Exception {
    runtime.checkImage("registry.example/alias-image:2.12");
  }

  @Test
  void handsNoPortOutTwice() throws Exception {
    Ports ports = new Ports();
    Set<Integer> taken = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      assertThat(taken.add(ports.take())).isTrue();
    }
  }

  @Test
  void sweepsHalfMadeAndHalfRemovedGroups() throws Exception {
    runtime.close();
    Files.createDirectories(folder.resolve("runtime/.new-half/algo-1"));
    Files.createDirectories(folder.resolve("runtime/.removed-half/algo-1"));
    open();
    try (Stream<Path> left = Files.list(folder.resolve("runtime"))) {
      assertThat(left.map(path -> path.getFileName().toString())).containsExactly("shim.sh");
    }
  }

  @Test
  void anInstanceWhoseImageIsKnownNoMoreIsStillAdoptedAndRemoved() throws Exception {
    runtime.start(group(member("echo up; sleep 600", List.of(), OptionalInt.empty())));
    awaitLine("up");
    runtime.close();
    runtime = ProcessRuntimes.open(folder.resolve("runtime"), new BuiltInImages(List.of()), store);
    assertThat(runtime.observe(ID).orElseThrow().members().getFirst().phase())
        .isInstanceOf(Phase.Running.class);
    assertThat(instanceProcesses()).isNotEmpty();
    runtime.remove(ID);
    assertThat(instanceProcesses()).isEmpty();
  }

  private void assertRefused(InstanceGroupSpec spec, String... words) {
    assertThatThrownBy(() -> runtime.start(spec))
        .isInstanceOfSatisfying(
            ContainerRuntimeException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContainingAll(words);
    assertThat(runtime.observe(spec.id())).isEmpty();
    assertThat(folder.resolve("runtime/process-test")).doesNotExist();
  }

  private InstanceGroupSpec group(MemberSpec member) {
    return new InstanceGroupSpec(
        ID,
        new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.ENDPOINT, "test"),
        List.of(member),
        false);
  }

  private MemberSpec member(String script, List<String> entrypoint, OptionalInt port) {
    return new MemberSpec(
        "algo-1",
        "test-image",
        entrypoint,
        List.of(script),
        Map.of("GREETING", "hello", "FROM_IMAGE", "overridden"),
        Map.of("input/config/hyperparameters.json", "{\"epochs\":\"3\"}\n"),
        List.<Input>of(),
        List.of(new Output("model", S3Address.parse("s3://bucket/model.tar.gz"), false)),
        "output/failure",
        folder.resolve("log"),
        port,
        Resources.of(512, 1));
  }

  private Path ml() {
    return folder.resolve("runtime/process-test/algo-1/ml");
  }

  private List<String> log() throws Exception {
    return Files.readAllLines(folder.resolve("log"));
  }

  private void awaitLine(String line) throws Exception {
    eventually(
        () -> Files.exists(folder.resolve("log")) ? log() : List.<String>of(),
        lines -> lines.contains(line));
  }

  private MemberObservation awaitEnd() throws Exception {
    return eventually(
        () -> runtime.observe(ID).orElseThrow().members().getFirst(),
        seen -> seen.phase().terminal());
  }

  private static boolean isAlive(long pid) {
    return ProcessTable.read(pid).filter(entry -> !entry.dead()).isPresent();
  }

  private List<ProcessTable.Entry> instanceProcesses() {
    return ProcessTable.find(
        entry -> entry.startedWith(List.of("SAGEMAKER_BASE_DIR=" + ml().toAbsolutePath())));
  }
}
