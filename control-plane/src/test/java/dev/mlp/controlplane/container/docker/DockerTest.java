package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
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
import dev.mlp.controlplane.container.Phase.Exited;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Starts instances of a busybox image, and looks at what becomes of them. */
abstract class DockerTest {
  static final Duration LONG = Duration.ofMinutes(5);
  private static @Nullable TestEngine shared;

  @TempDir Path folder;
  final FakeArtifactStore store = new FakeArtifactStore();
  private final List<GroupId> started = new ArrayList<>();
  TestEngine engine;
  LocalRuntime runtime;

  @BeforeAll
  static void openEngine() throws Exception {
    shared = TestEngine.open();
  }

  @AfterAll
  static void closeEngine() throws Exception {
    if (shared != null) {
      shared.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    engine = java.util.Objects.requireNonNull(shared);
    runtime = engine.runtime(root(), engine.settings(), store);
  }

  @AfterEach
  void removeAll() throws Exception {
    for (GroupId id : started) {
      runtime.remove(id);
    }
    runtime.close();
  }

  Path root() {
    return folder.resolve("runtime");
  }

  // Specs.

  static final class Member {
    private final String group;
    private final String image;
    private List<Input> inputs = List.of();
    private List<Output> outputs = List.of();
    private Resources resources = Resources.of(128, 1);
    private OptionalInt port = OptionalInt.empty();
    private Path folder;
    private String text = "";

    Member(String group, String image, Path folder) {
      this.group = group;
      this.image = image;
      this.folder = folder;
    }

    Member inputs(Input... value) {
      inputs = List.of(value);
      return this;
    }

    Member outputs(Output... value) {
      outputs = List.of(value);
      return this;
    }

    Member resources(Resources value) {
      resources = value;
      return this;
    }

    Member port(int value) {
      port = OptionalInt.of(value);
      return this;
    }

    Member script(String value) {
      text = value;
      return this;
    }

    MemberSpec build(String host) {
      return new MemberSpec(
          host,
          image,
          List.of("sh", "-c"),
          List.of(text),
          Map.of("GREETING", "hello"),
          Map.of("input/config/hyperparameters.json", "{\"a\":\"1\"}"),
          inputs,
          outputs,
          "output/failure",
          folder.resolve(group + "-" + host + ".log"),
          port,
          resources);
    }
  }

  Member member(String group, String image) {
    return new Member(group, image, folder);
  }

  static Input input(String source, String path) {
    return new Input(S3Address.parse(source), path, Input.Kind.PREFIX);
  }

  static Output output(String path, String destination) {
    return new Output(path, S3Address.parse(destination), false);
  }

  InstanceGroupSpec start(Member member) throws Exception {
    return start(member.group, false, member.build("algo-1"));
  }

  InstanceGroupSpec start(String name, boolean isolated, MemberSpec... members) throws Exception {
    InstanceGroupSpec spec =
        new InstanceGroupSpec(
            new GroupId(name),
            new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, name),
            List.of(members),
            isolated);
    started.add(spec.id());
    runtime.start(spec);
    return spec;
  }

  InstanceGroupSpec serving(String name, boolean isolated) throws Exception {
    InstanceGroupSpec spec =
        start(
            name,
            isolated,
            member(name, "test-image")
                .port(8080)
                .script(
                    "mkdir /www; echo pong > /www/index.html; exec httpd -f -h /www -p"
                        + " $SAGEMAKER_BIND_TO_PORT")
                .build("algo-1"));
    String address =
        eventually(() -> observe(spec), seen -> seen.phase() instanceof Phase.Running)
            .address()
            .orElseThrow();
    eventually(() -> answers(address), answered -> answered);
    return spec;
  }

  /** What a program printed that ran to its end. */
  String printed(String name, String script) throws Exception {
    InstanceGroupSpec spec = start(member(name, "test-image").script(script));
    awaitEnd(spec);
    return log(spec);
  }

  // Acting and looking.

  void reopen(DockerSettings settings) throws Exception {
    runtime.close();
    runtime = engine.runtime(root(), settings, store);
  }

  String container(InstanceGroupSpec spec) {
    return engine.container(spec.id().value(), "algo-1");
  }

  InspectContainerResponse inspect(InstanceGroupSpec spec) throws IOException {
    return engine.docker(docker -> docker.inspectContainerCmd(container(spec)).exec());
  }

  MemberObservation observe(InstanceGroupSpec spec) {
    return runtime.observe(spec.id()).orElseThrow().members().getFirst();
  }

  MemberObservation end(InstanceGroupSpec spec) throws Exception {
    return eventually(() -> observe(spec), seen -> seen.phase().terminal());
  }

  void awaitEnd(InstanceGroupSpec spec) throws Exception {
    var _ = end(spec);
  }

  Phase.Exit exit(InstanceGroupSpec spec) throws Exception {
    MemberObservation end = end(spec);
    assertThat(end.phase()).isInstanceOf(Exited.class);
    return ((Exited) end.phase()).exit();
  }

  static String log(InstanceGroupSpec spec) throws IOException {
    return Files.readString(spec.members().getFirst().log());
  }

  static long size(InstanceGroupSpec spec) throws IOException {
    Path log = spec.members().getFirst().log();
    return Files.exists(log) ? Files.size(log) : 0;
  }

  static void awaitLog(InstanceGroupSpec spec, String line) throws Exception {
    eventually(
        () ->
            Files.exists(spec.members().getFirst().log())
                ? log(spec).lines().toList()
                : List.<String>of(),
        lines -> lines.contains(line));
  }

  Set<String> thingsOf(InstanceGroupSpec spec) throws IOException {
    List<String> label = List.of("dev.mlp.group=" + spec.id(), "dev.mlp.server=" + engine.server());
    Set<String> things = new HashSet<>();
    engine.docker(docker -> {
      docker
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(label)
          .exec()
          .forEach(container -> things.add("container " + container.getId()));
      docker
          .listNetworksCmd()
          .withFilter("label", label)
          .exec()
          .forEach(network -> things.add("network " + network.getName()));
      var volumes = docker.listVolumesCmd().withFilter("label", label).exec().getVolumes();
      if (volumes != null) {
        volumes.forEach(volume -> things.add("volume " + volume.getName()));
      }
      return true;
    });
    return things;
  }

  static boolean answers(String address) {
    try (InputStream in = URI.create("http://" + address + "/").toURL().openStream()) {
      return in.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }
}
