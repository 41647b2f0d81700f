package dev.mlp.controlplane.container;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static dev.mlp.controlplane.container.Program.await;
import static dev.mlp.controlplane.container.Program.exit;
import static dev.mlp.controlplane.container.Program.print;
import static dev.mlp.controlplane.container.Program.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.TarGz;
import dev.mlp.controlplane.container.Phase.Broken;
import dev.mlp.controlplane.container.Phase.Collecting;
import dev.mlp.controlplane.container.Phase.Exited;
import dev.mlp.controlplane.container.Phase.Running;
import dev.mlp.controlplane.container.Phase.Staging;
import dev.mlp.controlplane.container.Phase.Step;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every runtime owes its callers; each runs these same tests. */
abstract class ContainerRuntimeContractTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String IMAGE = "test-image";

  @TempDir Path folder;
  final FakeArtifactStore store = new FakeArtifactStore();
  ContainerRuntime runtime;
  private final List<GroupId> started = new ArrayList<>();

  /** A runtime that has nothing yet, runs {@code test-image} and refuses {@code no-such-image}. */
  abstract ContainerRuntime open(Path root) throws Exception;

  /** The runtime after a restart of the control plane. */
  abstract ContainerRuntime reopen(ContainerRuntime runtime) throws Exception;

  /** What makes an instance of {@code test-image} do this. */
  abstract List<String> arguments(Program program);

  @BeforeEach
  void open() throws Exception {
    runtime = open(folder.resolve("runtime"));
  }

  @AfterEach
  void removeAll() throws Exception {
    for (GroupId id : started) {
      runtime.remove(id);
    }
    runtime.close();
  }

  @Test
  void startsOnceHoweverOftenItIsAsked() throws Exception {
    InstanceGroupSpec spec = group("once", member(Program.of(print("hello"), exit(0))));
    start(spec);
    runtime.start(spec);
    awaitEnd(spec);
    runtime.start(spec);
    assertThat(Files.readAllLines(log(spec))).containsExactly("hello");
    assertThat(runtime.observeAll()).hasSize(1);
  }

  @Test
  void goesThroughItsPhasesInOrderAndTellsOfThem() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    Path go = folder.resolve("go");
    Set<GroupId> told = ConcurrentHashMap.newKeySet();
    runtime.onChange(told::add);
    store.holdReads("s3://bucket/train/a.csv");
    store.holdWrites("s3://bucket/out/model.tar.gz");
    InstanceGroupSpec spec =
        group(
            "phases",
            member(
                "algo-1",
                Program.of(write("model/weights", "w"), await(go), exit(0)),
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(output("model", "s3://bucket/out/model.tar.gz", false)),
                OptionalInt.empty()));
    start(spec);
    MemberObservation staging = awaitPhase(spec, Staging.class);
    assertThat(staging.stagingAt()).isPresent();
    assertThat(staging.runningAt()).isEmpty();
    assertThat(told).contains(spec.id());
    store.release("s3://bucket/train/a.csv");
    MemberObservation running = awaitPhase(spec, Running.class);
    assertThat(running.runningAt()).isPresent();
    assertThat(running.collectingAt()).isEmpty();
    Files.createFile(go);
    MemberObservation collecting = awaitPhase(spec, Collecting.class);
    assertThat(((Collecting) collecting.phase()).exit().code()).isZero();
    assertThat(collecting.endedAt()).isEmpty();
    store.release("s3://bucket/out/model.tar.gz");
    MemberObservation end = awaitEnd(spec);
    assertThat(end.phase()).isInstanceOf(Exited.class);
    assertThat(
            Stream.of(end.stagingAt(), end.runningAt(), end.collectingAt(), end.endedAt())
                .map(Optional<Instant>::orElseThrow))
        .isSorted();
    assertThat(TarGz.entries(store.get("s3://bucket/out/model.tar.gz")))
        .containsExactly(Map.entry("weights", "w"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 255})
  void reportsTheExitCode(int code) throws Exception {
    InstanceGroupSpec spec = group("code-" + code, member(Program.of(exit(code))));
    start(spec);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 11, 15})
  void reportsTheSignalThatEndedIt(int signal) throws Exception {
    InstanceGroupSpec spec =
        group("signal-" + signal, member(Program.of(new Program.Step.Die(signal))));
    start(spec);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(128 + signal);
  }

  @Test
  void readsTheFailureFileAndCollectsAfterAFailureToo() throws Exception {
    InstanceGroupSpec spec =
        group(
            "failure",
            member(
                "algo-1",
                Program.of(
                    write("output/failure", "x".repeat(2000)),
                    write("output/data/partial", "p"),
                    exit(1)),
                List.of(),
                List.of(
                    output("model", "s3://bucket/none.tar.gz", false),
                    output("output/data", "s3://bucket/output.tar.gz", false),
                    output("checkpoints", "s3://bucket/empty.tar.gz", true)),
                OptionalInt.empty()));
    start(spec);
    Phase.Exit exit = exitOf(awaitEnd(spec));
    assertThat(exit.failure()).contains("x".repeat(1024));
    assertThat(TarGz.entries(store.get("s3://bucket/output.tar.gz")))
        .containsExactly(Map.entry("partial", "p"));
    assertThat(store.has("s3://bucket/none.tar.gz")).isFalse();
    assertThat(store.has("s3://bucket/empty.tar.gz")).isFalse();
  }

  @Test
  void storesAnEmptyFolderAfterSuccessWhereThatIsWanted() throws Exception {
    InstanceGroupSpec spec =
        group(
            "empty",
            member(
                "algo-1",
                Program.of(exit(0)),
                List.of(),
                List.of(
                    output("output/data", "s3://bucket/none.tar.gz", false),
                    output("model", "s3://bucket/empty.tar.gz", true)),
                OptionalInt.empty()));
    start(spec);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(0);
    assertThat(store.has("s3://bucket/none.tar.gz")).isFalse();
    assertThat(TarGz.entries(store.get("s3://bucket/empty.tar.gz"))).isEmpty();
  }

  @Test
  void stopLetsAProgramThatObeysEnd() throws Exception {
    InstanceGroupSpec spec =
        group(
            "obeys",
            member(
                "algo-1",
                Program.of(write("model/half", "h"), print("up"), await(folder.resolve("never"))),
                List.of(),
                List.of(output("model", "s3://bucket/stopped.tar.gz", false)),
                OptionalInt.empty()));
    start(spec);
    awaitLine(spec, "up");
    runtime.stop(spec.id(), LONG);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(143);
    assertThat(store.has("s3://bucket/stopped.tar.gz")).isTrue();
  }

  @Test
  void stopKillsAProgramThatDoesNotObey() throws Exception {
    InstanceGroupSpec spec =
        group(
            "disobeys",
            member(
                Program.of(
                    new Program.Step.IgnoreTerm(), print("up"), await(folder.resolve("never")))));
    start(spec);
    awaitLine(spec, "up");
    runtime.stop(spec.id(), Duration.ofMillis(200));
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(137);
  }

  @Test
  void stopDuringStagingEndsItWithoutHavingRun() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    store.holdReads("s3://bucket/train/a.csv");
    InstanceGroupSpec spec =
        group(
            "early",
            member(
                "algo-1",
                Program.of(print("ran"), exit(0)),
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    awaitPhase(spec, Staging.class);
    runtime.stop(spec.id(), LONG);
    MemberObservation end = awaitEnd(spec);
    assertThat(exitOf(end).code()).isEqualTo(143);
    assertThat(end.runningAt()).isEmpty();
    store.release("s3://bucket/train/a.csv");
    assertThat(Files.exists(log(spec))).isFalse();
  }

  @Test
  void stopLeavesUnknownAndEndedGroupsAsTheyAre() throws Exception {
    runtime.stop(new GroupId("nobody"), LONG);
    InstanceGroupSpec spec = group("ended", member(Program.of(exit(3))));
    start(spec);
    MemberObservation end = awaitEnd(spec);
    runtime.stop(spec.id(), Duration.ZERO);
    assertThat(observe(spec)).isEqualTo(end);
  }

  @Test
  void removeLeavesNothingButTheLog() throws Exception {
    InstanceGroupSpec spec =
        group(
            "removed",
            member(
                "algo-1",
                Program.of(print("up"), new Program.Step.Serve()),
                List.of(),
                List.of(),
                OptionalInt.of(8080)));
    start(spec);
    String address = awaitServing(spec);
    runtime.remove(spec.id());
    assertThat(runtime.observe(spec.id())).isEmpty();
    assertThat(runtime.observeAll()).isEmpty();
    assertThat(answers(address)).isFalse();
    assertThat(Files.readAllLines(log(spec))).contains("up");
    try (Stream<Path> left = Files.walk(folder.resolve("runtime"))) {
      assertThat(left.map(Path::toString)).noneMatch(path -> path.contains("removed"));
    }
    runtime.remove(spec.id());
  }

  @Test
  void removeDuringStagingStopsIt() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    store.holdReads("s3://bucket/train/a.csv");
    InstanceGroupSpec spec =
        group(
            "vanishes",
            member(
                "algo-1",
                Program.of(print("ran"), exit(0)),
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    awaitPhase(spec, Staging.class);
    runtime.remove(spec.id());
    store.release("s3://bucket/train/a.csv");
    assertThat(runtime.observe(spec.id())).isEmpty();
    assertThat(Files.exists(log(spec))).isFalse();
  }

  @Test
  void knowsNothingOfGroupsThatWereNeverStarted() throws Exception {
    GroupId nobody = new GroupId("nobody");
    assertThat(runtime.observe(nobody)).isEmpty();
    assertThat(runtime.observeAll()).isEmpty();
    runtime.remove(nobody);
  }

  @Test
  void aMissingInputBreaksItWithTheReason() throws Exception {
    InstanceGroupSpec spec =
        group(
            "missing",
            member(
                "algo-1",
                Program.of(print("ran"), exit(0)),
                List.of(input("s3://bucket/nothing", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    MemberObservation end = awaitEnd(spec);
    assertThat(end.phase())
        .isEqualTo(
            new Broken(
                Step.STAGING,
                "No S3 objects found under S3 URL \"s3://bucket/nothing\" given in input data"
                    + " source.",
                Optional.empty()));
    assertThat(end.runningAt()).isEmpty();
    assertThat(Files.exists(log(spec))).isFalse();
  }

  @Test
  void aDamagedArchiveBreaksItAndNamesIt() throws Exception {
    byte[] whole = TarGz.of(Map.entry("1/saved_model.pb", "m".repeat(5000)));
    store.put("s3://bucket/model.tar.gz", java.util.Arrays.copyOf(whole, whole.length / 2));
    InstanceGroupSpec spec =
        group(
            "damaged",
            member(
                "algo-1",
                Program.of(exit(0)),
                List.of(input("s3://bucket/model.tar.gz", "model", Input.Kind.ARCHIVE)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    assertThat(awaitEnd(spec).phase())
        .isInstanceOfSatisfying(
            Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Step.STAGING);
              assertThat(broken.reason()).contains("s3://bucket/model.tar.gz", "damaged");
            });
  }

  @Test
  void membersStartTogetherOrNotAtAll() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    Program program = Program.of(print("ran"), exit(0));
    InstanceGroupSpec spec =
        group(
            "gang",
            member(
                "algo-1",
                program,
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()),
            member(
                "algo-2",
                program,
                List.of(input("s3://bucket/nothing", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    GroupObservation end = awaitGroupEnd(spec);
    assertThat(end.members().get(0).phase())
        .isInstanceOfSatisfying(
            Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Step.STARTING);
              assertThat(broken.reason()).contains("algo-2");
            });
    assertThat(end.members().get(1).phase())
        .isInstanceOfSatisfying(
            Broken.class, broken -> assertThat(broken.step()).isEqualTo(Step.STAGING));
    assertThat(end.members()).allMatch(member -> member.runningAt().isEmpty());
  }

  @Test
  void aServingPortCanBeReached() throws Exception {
    InstanceGroupSpec spec =
        group(
            "serving",
            member(
                "algo-1",
                Program.of(new Program.Step.Serve()),
                List.of(),
                List.of(),
                OptionalInt.of(8080)));
    start(spec);
    assertThat(answers(awaitServing(spec))).isTrue();
  }

  @Test
  void theLogHasEachLineOnce() throws Exception {
    Program program = Program.of();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      lines.add("line " + i);
      program = program.then(print("line " + i));
    }
    InstanceGroupSpec spec = group("log", member(program.then(exit(0))));
    start(spec);
    awaitEnd(spec);
    assertThat(Files.readAllLines(log(spec))).isEqualTo(lines);
  }

  @Test
  void isAdoptedWhileItRuns() throws Exception {
    Path go = folder.resolve("go");
    InstanceGroupSpec spec =
        group(
            "running",
            member(
                "algo-1",
                Program.of(print("before"), await(go), print("after"), exit(7)),
                List.of(),
                List.of(),
                OptionalInt.of(8080)));
    start(spec);
    awaitLine(spec, "before");
    MemberObservation before = observe(spec);
    runtime = reopen(runtime);
    MemberObservation after = observe(spec);
    assertThat(after.phase()).isEqualTo(new Running());
    assertThat(after.address()).isEqualTo(before.address());
    Files.createFile(go);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(7);
    assertThat(Files.readAllLines(log(spec))).containsExactly("before", "after");
  }

  @Test
  void isAdoptedAfterItsEnd() throws Exception {
    InstanceGroupSpec spec = group("over", member(Program.of(exit(7))));
    start(spec);
    MemberObservation end = awaitEnd(spec);
    runtime = reopen(runtime);
    assertThat(observe(spec)).isEqualTo(end);
    runtime.start(spec);
    assertThat(observe(spec)).isEqualTo(end);
  }

  @Test
  void stagingGoesOnAfterARestart() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    store.holdReads("s3://bucket/train/a.csv");
    InstanceGroupSpec spec =
        group(
            "staging",
            member(
                "algo-1",
                Program.of(print("ran"), exit(0)),
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(),
                OptionalInt.empty()));
    start(spec);
    awaitPhase(spec, Staging.class);
    runtime = reopen(runtime);
    store.release("s3://bucket/train/a.csv");
    assertThat(exitOf(awaitEnd(spec)).code()).isZero();
    assertThat(Files.readAllLines(log(spec))).containsExactly("ran");
  }

  @Test
  void collectingGoesOnAfterARestart() throws Exception {
    store.holdWrites("s3://bucket/model.tar.gz");
    InstanceGroupSpec spec =
        group(
            "collecting",
            member(
                "algo-1",
                Program.of(write("model/weights", "w"), exit(3)),
                List.of(),
                List.of(output("model", "s3://bucket/model.tar.gz", false)),
                OptionalInt.empty()));
    start(spec);
    awaitPhase(spec, Collecting.class);
    runtime = reopen(runtime);
    store.release("s3://bucket/model.tar.gz");
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(3);
    assertThat(TarGz.entries(store.get("s3://bucket/model.tar.gz")))
        .containsExactly(Map.entry("weights", "w"));
  }

  @Test
  void aStopOutlivesARestart() throws Exception {
    InstanceGroupSpec spec =
        group(
            "stopping",
            member(
                Program.of(
                    new Program.Step.IgnoreTerm(), print("up"), await(folder.resolve("never")))));
    start(spec);
    awaitLine(spec, "up");
    runtime.stop(spec.id(), Duration.ofMillis(300));
    runtime = reopen(runtime);
    assertThat(exitOf(awaitEnd(spec)).code()).isEqualTo(137);
  }

  @Test
  void aStoreThatWasAwayForAMomentIsNoFailure() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    store.fail("s3://bucket/train/a.csv", 1);
    store.fail("s3://bucket/model.tar.gz", 1);
    InstanceGroupSpec spec =
        group(
            "retried",
            member(
                "algo-1",
                Program.of(write("model/weights", "w"), exit(0)),
                List.of(input("s3://bucket/train", "input/data/train", Input.Kind.PREFIX)),
                List.of(output("model", "s3://bucket/model.tar.gz", false)),
                OptionalInt.empty()));
    start(spec);
    assertThat(exitOf(awaitEnd(spec)).code()).isZero();
    assertThat(store.has("s3://bucket/model.tar.gz")).isTrue();
  }

  @Test
  void runsTwentyGroupsAtOnce() throws Exception {
    List<InstanceGroupSpec> specs = new ArrayList<>();
    Path go = folder.resolve("go");
    for (int i = 0; i < 20; i++) {
      InstanceGroupSpec spec =
          group("many-" + i, member(Program.of(print("up"), await(go), exit(i))));
      specs.add(spec);
      start(spec);
    }
    for (InstanceGroupSpec spec : specs) {
      awaitLine(spec, "up");
    }
    Files.createFile(go);
    for (int i = 0; i < specs.size(); i++) {
      assertThat(exitOf(awaitEnd(specs.get(i))).code()).isEqualTo(i);
    }
  }

  @Test
  void refusesAnImageThatItCanNeverRun() {
    assertThatThrownBy(() -> runtime.checkImage("no-such-image"))
        .isInstanceOfSatisfying(
            ContainerRuntimeException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContaining("no-such-image");
  }

  // Specs.

  GroupId id(String name) {
    return new GroupId("test-" + name);
  }

  InstanceGroupSpec group(String name, MemberSpec... members) {
    return new InstanceGroupSpec(
        id(name),
        new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, name),
        java.util.Arrays.stream(members).map(member -> withLog(member, name)).toList(),
        false);
  }

  MemberSpec member(Program program) {
    return member("algo-1", program, List.of(), List.of(), OptionalInt.empty());
  }

  MemberSpec member(
      String host,
      Program program,
      List<Input> inputs,
      List<Output> outputs,
      OptionalInt servingPort) {
    return new MemberSpec(
        host,
        IMAGE,
        List.of(),
        arguments(program),
        Map.of("GREETING", "hello"),
        Map.of("input/config/hyperparameters.json", "{}"),
        inputs,
        outputs,
        "output/failure",
        folder.resolve("unset.log"),
        servingPort,
        Resources.of(512, 1));
  }

  private MemberSpec withLog(MemberSpec member, String name) {
    return new MemberSpec(
        member.hostName(),
        member.image(),
        member.entrypoint(),
        member.arguments(),
        member.environment(),
        member.files(),
        member.inputs(),
        member.outputs(),
        member.failureFile(),
        folder.resolve(name + "-" + member.hostName() + ".log"),
        member.servingPort(),
        member.resources());
  }

  static Input input(String source, String path, Input.Kind kind) {
    return new Input(S3Address.parse(source), path, kind);
  }

  static Output output(String path, String destination, boolean evenEmpty) {
    return new Output(path, S3Address.parse(destination), evenEmpty);
  }

  // Acting and looking.

  void start(InstanceGroupSpec spec) throws Exception {
    started.add(spec.id());
    runtime.start(spec);
  }

  static Path log(InstanceGroupSpec spec) {
    return spec.members().getFirst().log();
  }

  MemberObservation observe(InstanceGroupSpec spec) throws Exception {
    return runtime.observe(spec.id()).orElseThrow().members().getFirst();
  }

  MemberObservation awaitPhase(InstanceGroupSpec spec, Class<? extends Phase> phase)
      throws Exception {
    return eventually(() -> observe(spec), seen -> phase.isInstance(seen.phase()));
  }

  MemberObservation awaitEnd(InstanceGroupSpec spec) throws Exception {
    return awaitGroupEnd(spec).members().getFirst();
  }

  GroupObservation awaitGroupEnd(InstanceGroupSpec spec) throws Exception {
    return eventually(
        () -> runtime.observe(spec.id()).orElseThrow(),
        seen -> seen.members().stream().allMatch(member -> member.phase().terminal()));
  }

  static Phase.Exit exitOf(MemberObservation end) {
    assertThat(end.phase()).isInstanceOf(Exited.class);
    return ((Exited) end.phase()).exit();
  }

  static void awaitLine(InstanceGroupSpec spec, String line) throws Exception {
    eventually(
        () -> Files.exists(log(spec)) ? Files.readAllLines(log(spec)) : List.<String>of(),
        lines -> lines.contains(line));
  }

  String awaitServing(InstanceGroupSpec spec) throws Exception {
    String address = awaitPhase(spec, Running.class).address().orElseThrow();
    eventually(() -> answers(address), answered -> answered);
    return address;
  }

  static boolean answers(String address) {
    try (InputStream in = URI.create("http://" + address + "/").toURL().openStream()) {
      return in.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }
}
