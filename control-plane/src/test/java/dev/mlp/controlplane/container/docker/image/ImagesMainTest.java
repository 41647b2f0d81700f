package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.DockerException;
import dev.mlp.controlplane.container.docker.image.ImageInventory.Held;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ImagesMainTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Held CURRENT =
      new Held(
          "mlp-training",
          "mlp-training:1-ab",
          "sha256:1",
          871_000_000,
          NOW.minusSeconds(7300),
          "machine",
          true);
  private static final Held OLD =
      new Held(
          "mlp-training",
          "mlp-training:1-cd",
          "sha256:2",
          1_050_000_000,
          NOW.minusSeconds(300_000),
          "",
          false);

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"", "build ", "list ", "remove "})
  void everyCommandHasHelpWithExamples(String command) {
    assertThat(run(Map.of(), (command + "--help").split(" "))).isZero();
    assertThat(text(out)).contains("Usage: mlp images").contains("Examples:");
  }

  @Test
  void withoutAnEngineItSaysHowToGetOneInOneLine() {
    String socket = "unix://" + folder.resolve("docker.sock");
    assertThat(run(Map.of("DOCKER_HOST", socket), "list")).isEqualTo(1);
    assertThat(text(err))
        .startsWith("mlp: no Docker engine: there is no " + folder.resolve("docker.sock"))
        .contains("apt-get install docker.io")
        .hasLineCount(1);
  }

  @Test
  void anEngineThatIsDownIsNamed() throws IOException {
    Files.createFile(folder.resolve("docker.sock"));
    assertThat(run(Map.of("DOCKER_HOST", "unix://" + folder.resolve("docker.sock")), "list"))
        .isEqualTo(1);
    assertThat(text(err)).contains("does not answer").contains("systemctl").hasLineCount(1);
  }

  @Test
  void wrongWordsAreToldInOneLine() {
    assertThat(run(Map.of(), "build", "--bas")).isEqualTo(2);
    assertThat(text(err)).startsWith("mlp: ").contains("images build --help").hasLineCount(1);
  }

  @Test
  void listsWithHeadingsAndWhatIsMissing() {
    assertThat(ListCommand.rows(List.of(CURRENT, OLD), List.of("mlp-inference"), NOW))
        .containsExactly(
            "NAME           TAG   SIZE     AGE  BASE     CURRENT",
            "mlp-training   1-ab  871 MB   2 h  machine  yes",
            "mlp-training   1-cd  1.05 GB  3 d  -        no",
            "mlp-inference  -     -        -    -        missing");
  }

  @Test
  void theJsonHasBytesAndTimes() {
    assertThat(ListCommand.json(List.of(CURRENT), List.of("mlp-inference")))
        .isEqualTo(
            Map.of(
                "images",
                List.of(
                    Map.of(
                        "name", "mlp-training",
                        "tag", "mlp-training:1-ab",
                        "id", "sha256:1",
                        "sizeBytes", 871_000_000L,
                        "created", "2026-03-01T09:58:20Z",
                        "base", "machine",
                        "current", true)),
                "missing",
                List.of("mlp-inference")));
  }

  @Test
  void aFullDiskIsTold() {
    assertThat(
            EngineTrouble.line(
                new IOException("failed at COPY: write /x:\n no space left on device")))
        .startsWith("the engine's disk is full")
        .contains("mlp images remove")
        .hasLineCount(1);
  }

  @Test
  void theEnginesWordsStandAlone() {
    assertThat(
            EngineTrouble.line(
                new DockerException("Status 500: {\"message\":\"no such host\"}\n", 500)))
        .isEqualTo("no such host");
    assertThat(EngineTrouble.line(new DockerException("failed at COPY: {x", 500)))
        .isEqualTo("failed at COPY: {x");
  }

  @Test
  void progressIsALinePerStepWhereThereIsNoTerminal() {
    try (ProgressLine progress = new ProgressLine(new PrintStream(err, true, UTF_8), false)) {
      progress.accept("base: 4.19 MB given");
      progress.accept("base: 8.38 MB given");
      progress.accept("base: step 1 of 2");
      progress.accept("base: step 2 of 2");
    }
    assertThat(text(err).lines())
        .containsExactly("base: 4.19 MB given", "base: step 1 of 2", "base: step 2 of 2");
  }

  @Test
  void progressIsOneChangingLineOnATerminal() {
    try (ProgressLine progress = new ProgressLine(new PrintStream(err, true, UTF_8), true)) {
      progress.accept("one");
      progress.accept("x".repeat(100));
    }
    assertThat(text(err))
        .isEqualTo("\r\033[Kone\r\033[K" + "x".repeat(78) + "…\r\033[K")
        .doesNotContain("\n");
  }

  private int run(Map<String, String> environment, String... arguments) {
    PrintStream output = new PrintStream(out, true, UTF_8);
    CommandLine line =
        ImagesMain.commandLine(environment, output, new PrintStream(err, true, UTF_8))
            .setOut(new PrintWriter(output, true, UTF_8));
    return line.execute(arguments);
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(UTF_8);
  }
}
