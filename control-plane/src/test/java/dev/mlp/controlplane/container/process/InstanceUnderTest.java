package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.Usage;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/** One instance of a shell script, on a runtime that can be closed and opened again. */
final class InstanceUnderTest {
  /** Opens a runtime's engine on its folder. */
  interface Opener {
    ProcessEngine open(Path root) throws Exception;
  }

  /** Not the same twice: control groups are the machine's. */
  final GroupId id = new GroupId("limits-" + UUID.randomUUID().toString().substring(0, 8));

  final FakeArtifactStore store = new FakeArtifactStore();
  final Path folder;
  private final Opener opener;
  private ProcessEngine engine;
  private LocalRuntime runtime;

  InstanceUnderTest(Path folder, Opener opener) throws Exception {
    this.folder = folder;
    this.opener = opener;
    this.engine = opener.open(folder.resolve("runtime"));
    this.runtime = ProcessRuntimes.open(folder.resolve("runtime"), store, engine);
  }

  static Resources memory(long mebibytes) {
    return Resources.of(mebibytes, 1);
  }

  static Resources volume(long bytes) {
    return new Resources(512, 1, false, List.of(), OptionalLong.of(bytes));
  }

  void start(Resources resources, String script) throws Exception {
    start(resources, script, List.of());
  }

  void start(Resources resources, String script, List<Input> inputs) throws Exception {
    start(
        new MemberSpec(
            "algo-1",
            "test-image",
            List.of(),
            List.of(script),
            Map.of(),
            Map.of(),
            inputs,
            List.of(new Output("model", S3Address.parse("s3://bucket/model.tar.gz"), false)),
            "output/failure",
            folder.resolve("log"),
            OptionalInt.empty(),
            resources));
  }

  void start(MemberSpec member) throws Exception {
    runtime.start(
        new InstanceGroupSpec(
            id,
            new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, "test"),
            List.of(member),
            false));
  }

  LocalRuntime runtime() {
    return runtime;
  }

  ProcessEngine engine() {
    return engine;
  }

  /** As after a restart of the control plane. */
  void reopen() throws Exception {
    runtime.close();
    engine = opener.open(folder.resolve("runtime"));
    runtime = ProcessRuntimes.open(folder.resolve("runtime"), store, engine);
  }

  Path member() {
    return folder.resolve("runtime").resolve(id.value()).resolve("algo-1");
  }

  Path ml() {
    return member().resolve("ml");
  }

  Path state(String file) {
    return member().resolve("state").resolve(file);
  }

  long shim() throws Exception {
    return ShimIdentity.parse(Files.readString(state("run"))).orElseThrow().pid();
  }

  List<String> log() throws Exception {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  void awaitLine(String line) throws Exception {
    eventually(this::log, lines -> lines.contains(line));
  }

  Phase awaitEnd() throws Exception {
    return eventually(
            () -> runtime.observe(id).orElseThrow().members().getFirst(),
            seen -> seen.phase().terminal())
        .phase();
  }

  Phase.Exit awaitExit() throws Exception {
    Phase end = awaitEnd();
    assertThat(end).isInstanceOf(Phase.Exited.class);
    return ((Phase.Exited) end).exit();
  }

  MemberObservation seen() {
    return runtime.observe(id).orElseThrow().members().getFirst();
  }

  Optional<Usage> usage() throws Exception {
    return Optional.ofNullable(runtime.usage(id).get("algo-1"));
  }

  /** Where it is in a control group's hierarchy; which is told by a member's own state. */
  Path cgroup(String controller) throws Exception {
    return InstanceCgroup.parse(Files.readString(state("cgroups")))
        .named()
        .getOrDefault(controller, Path.of("/none"));
  }

  void remove() throws Exception {
    runtime.remove(id);
  }

  static boolean isAlive(long pid) {
    return ProcessTable.read(pid).filter(entry -> !entry.dead()).isPresent();
  }

  void close() throws Exception {
    runtime.remove(id);
    runtime.close();
  }
}
