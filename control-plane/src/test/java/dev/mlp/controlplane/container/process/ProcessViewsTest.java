package dev.mlp.controlplane.container.process;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.TarGz;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an instance sees of the machine's folders: with mount namespaces, and where there are none.
 */
final class ProcessViewsTest {
  private static final Input TRAIN =
      new Input(S3Address.parse("s3://bucket/train"), "input/data/train", Input.Kind.PREFIX);
  private static final Resources SMALL = InstanceUnderTest.memory(256);

  @TempDir Path folder;
  private InstanceUnderTest instance;

  @BeforeEach
  void open() throws Exception {
    instance =
        new InstanceUnderTest(
            folder, root -> new ProcessEngine(root, ShellPrograms.IMAGES, Clock.systemUTC()));
    instance.store.put("s3://bucket/train/a.csv", "1,2");
    instance.store.put("s3://bucket/train/deep/b.csv", "3");
  }

  private void openBare() throws Exception {
    instance.close();
    instance =
        new InstanceUnderTest(
            folder, root -> ProcessRuntimes.bareEngine(root, ProcessEngine.Settings.STANDARD));
    instance.store.put("s3://bucket/train/a.csv", "1,2");
  }

  private void assumeViews() {
    String features = instance.engine().features();
    assumeTrue(
        features.contains("inputs are overlays") && features.contains("own"),
        "needs mount namespaces, overlays and an /opt, as root; here: " + features);
  }

  @AfterEach
  void close() throws Exception {
    instance.close();
  }

  @Test
  void inputsAreSeenWithoutBeingCopiedAndCanBeChangedForItselfAlone() throws Exception {
    assumeViews();
    instance.start(
        SMALL,
        """
        cat input/data/train/a.csv; echo
        cat input/data/train/deep/b.csv; echo
        echo changed > input/data/train/a.csv
        rm input/data/train/deep/b.csv
        echo new > input/data/train/c.csv
        ls input/data/train input/data/train/deep
        cat input/data/train/a.csv
        """,
        List.of(TRAIN));
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(instance.log())
        .containsExactly(
            "1,2",
            "3",
            "input/data/train:",
            "a.csv",
            "c.csv",
            "deep",
            "",
            "input/data/train/deep:",
            "changed");
    assertThat(instance.ml().resolve("input/data/train")).isEmptyDirectory();
    assertThat(textsOfTheCache()).containsExactlyInAnyOrder("1,2", "3");
  }

  @Test
  void itsFolderIsAlsoWhereContainersHaveIt() throws Exception {
    assumeViews();
    boolean there = Files.exists(MountNamespaces.CONTAINER_FOLDER);
    List<String> others;
    try (Stream<Path> entries = Files.list(Path.of("/opt"))) {
      others = entries.map(Path::toString).sorted().toList();
    }
    instance.start(
        SMALL,
        """
        cat /opt/ml/input/data/train/a.csv; echo
        echo w > /opt/ml/model/weights
        cat "$SAGEMAKER_BASE_DIR/model/weights"
        echo gone > /opt/written && cat /opt/written
        ls -d /opt/*
        """,
        List.of(TRAIN));
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(instance.log()).startsWith("1,2", "w", "gone").containsAll(others);
    assertThat(TarGz.entries(instance.store.get("s3://bucket/model.tar.gz")))
        .containsExactly(Map.entry("weights", "w\n"));
    assertThat(Files.exists(MountNamespaces.CONTAINER_FOLDER)).isEqualTo(there);
    if (!there) {
      assertThat(Path.of("/opt/written")).doesNotExist();
    }
  }

  @Test
  void argumentsMayNameTheContainersFolder() throws Exception {
    assumeViews();
    instance.start(SMALL, "echo yes > /opt/ml/model/said");
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(instance.ml().resolve("model/said")).hasContent("yes");
  }

  @Test
  void mountsAreNobodyElsesAndGoWithTheInstance() throws Exception {
    assumeViews();
    instance.start(SMALL, "echo up; exec sleep 600", List.of(TRAIN));
    instance.awaitLine("up");
    String name = instance.folder.toRealPath().toString();
    assertThat(mounts("self")).doesNotContain(name);
    assertThat(mounts(Long.toString(instance.shim()))).contains(name);
    instance.reopen();
    instance.remove();
    assertThat(instance.member()).doesNotExist();
    assertThat(mounts("self")).doesNotContain(name);
  }

  @Test
  void whatIsCollectedIsNeverAnOverlay() throws Exception {
    assumeViews();
    Input checkpoints =
        new Input(S3Address.parse("s3://bucket/train"), "checkpoints", Input.Kind.PREFIX);
    instance.start(
        member(
            "echo new > checkpoints/c",
            List.of(checkpoints),
            new Output("checkpoints", S3Address.parse("s3://bucket/c.tar.gz"), false)));
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(TarGz.entries(instance.store.get("s3://bucket/c.tar.gz")))
        .containsOnlyKeys("a.csv", "deep/b.csv", "c");
    assertThat(textsOfTheCache()).containsExactlyInAnyOrder("1,2", "3");
  }

  @Test
  void anInputInsideAnotherIsThere() throws Exception {
    assumeViews();
    Input inside =
        new Input(S3Address.parse("s3://bucket/train"), "input/data/train/x", Input.Kind.PREFIX);
    instance.start(
        SMALL, "cat input/data/train/a.csv input/data/train/x/a.csv", List.of(inside, TRAIN));
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(instance.log()).containsExactly("1,21,2");
  }

  @Test
  void breaksWithTheReasonWhenItsMountsFail() throws Exception {
    assumeViews();
    instance.store.holdReads("s3://bucket/train/a.csv");
    instance.start(SMALL, "echo ran", List.of(TRAIN));
    eventually(() -> instance.seen().phase(), Phase.Staging.class::isInstance);
    // As if placed before a restart, with a mount that cannot be made now.
    Files.createFile(instance.state("placed"));
    Files.writeString(
        instance.state("mounts"), "/no/such/folder " + instance.ml() + " none bind 0 0\n");
    instance.store.release("s3://bucket/train/a.csv");
    assertThat(instance.awaitEnd())
        .isInstanceOfSatisfying(
            Phase.Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Phase.Step.STARTING);
              assertThat(broken.reason()).contains("could not be mounted", "/no/such/folder");
            });
    assertThat(instance.log()).isEmpty();
  }

  @Test
  void withoutNamespacesInputsAreCopiesAndProgressIsTold() throws Exception {
    openBare();
    assertThat(instance.engine().limits()).isEqualTo("no limits: this is a test");
    assertThat(instance.engine().features()).contains("inputs are copied");
    instance.start(
        SMALL, "cat input/data/train/a.csv; echo x > input/data/train/a.csv", List.of(TRAIN));
    assertThat(instance.awaitExit().code()).isZero();
    assertThat(instance.log()).containsExactly("1,2");
    assertThat(instance.ml().resolve("input/data/train/a.csv")).hasContent("x");
    assertThat(textsOfTheCache()).containsExactly("1,2");
  }

  @Test
  void withoutNamespacesArgumentsMayNotNameTheContainersFolder() throws Exception {
    openBare();
    MemberSpec member =
        new MemberSpec(
            "algo-1",
            "test-image",
            List.of("python", "/opt/ml/code/train.py"),
            List.of(),
            Map.of(),
            Map.of(),
            List.of(),
            List.of(),
            "output/failure",
            folder.resolve("log"),
            OptionalInt.empty(),
            SMALL);
    assertThatThrownBy(() -> instance.start(member))
        .isInstanceOfSatisfying(
            ContainerRuntimeException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContainingAll("/opt/ml/code/train.py", "SAGEMAKER_BASE_DIR");
  }

  private MemberSpec member(String script, List<Input> inputs, Output output) {
    return new MemberSpec(
        "algo-1",
        "test-image",
        List.of(),
        List.of(script),
        Map.of(),
        Map.of(),
        inputs,
        List.of(output),
        "output/failure",
        folder.resolve("log"),
        OptionalInt.empty(),
        SMALL);
  }

  private static String mounts(String process) throws Exception {
    return Files.readString(Path.of("/proc", process, "mountinfo"), StandardCharsets.ISO_8859_1);
  }

  /** Of the trees that instances share. */
  private List<String> textsOfTheCache() throws Exception {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".csv")) {
          texts.add(Files.readString(file));
        }
      }
    }
    return texts;
  }
}
