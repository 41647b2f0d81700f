package dev.mlp.controlplane.container.docker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  private static final String TWO_STAGES =
      """
      # what it is
      ARG BASE_IMAGE=jdk
      FROM ${BASE_IMAGE} AS low
      COPY a/*.jar \\
           b.txt /low/
      FROM low AS other
      COPY --from=low /low /other

      # the program
      FROM other
      COPY program.jar /
      """;

  @Test
  void isCutBeforeItsLastStage() {
    Dockerfile dockerfile = Dockerfile.parse(TWO_STAGES);
    assertThat(dockerfile.shared()).startsWith("# what").contains("AS other").endsWith("program\n");
    assertThat(dockerfile.own()).isEqualTo("FROM other\nCOPY program.jar /\n");
    assertThat(dockerfile.ownOn("sha256:12")).isEqualTo("FROM sha256:12\nCOPY program.jar /\n");
  }

  @Test
  void namesWhatItCopiesFromTheContextAlone() {
    Dockerfile dockerfile = Dockerfile.parse(TWO_STAGES);
    assertThat(Dockerfile.sources(dockerfile.shared())).containsExactly("a/*.jar", "b.txt");
    assertThat(Dockerfile.sources(dockerfile.own())).containsExactly("program.jar");
  }

  @Test
  void aCommentIsNoInstruction() {
    assertThat(Dockerfile.instructions("# one\n\nFROM a\n"))
        .isEqualTo(Dockerfile.instructions("FROM a\n# two\n"))
        .isNotEqualTo(Dockerfile.instructions("FROM b\n"));
  }

  @Test
  void oneStageAloneIsRefused() {
    assertThatThrownBy(() -> Dockerfile.parse("FROM a\nRUN b\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no stage before its last");
  }

  @Test
  void theTwoImagesShareAllStagesButTheLast() throws IOException {
    assertThat(Dockerfile.instructions(read("training").shared()))
        .isEqualTo(Dockerfile.instructions(read("inference").shared()))
        .startsWith("ARG BASE_IMAGE=eclipse-temurin:25-jdk\nFROM ${BASE_IMAGE} AS system");
  }

  /** An AOT cache made with other options or another class path is not used, without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"training", "inference"})
  void theAotCacheIsMadeByTheCommandThatUsesIt(String module) throws IOException {
    String entryPoint = instruction(read(module).own(), "ENTRYPOINT ");
    List<String> used =
        Arrays.stream(entryPoint.replaceAll("[\\[\\]\"]", "").split(",\\s*"))
            .map(word -> word.replace("-XX:AOTCache=", "-XX:AOTCacheOutput="))
            .toList();
    String script =
        Files.readString(HOME.resolve(module + "-container/src/main/docker/record-aot.sh"))
            .replace("\\\n", " ");
    String recorded =
        script.lines().filter(line -> line.contains("AOTCacheOutput")).findFirst().orElseThrow();
    assertThat(Arrays.asList(recorded.replace("'", "").strip().split("\\s+")))
        .containsSubsequence(used);
  }

  @ParameterizedTest
  @ValueSource(strings = {"training", "inference"})
  void theIgnoreFileLetsThroughWhatIsCopied(String module) throws IOException {
    List<String> let =
        Files.readAllLines(HOME.resolve(".dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    Dockerfile dockerfile = read(module);
    assertThat(Dockerfile.sources(dockerfile.shared() + dockerfile.own()))
        .hasSizeGreaterThan(5)
        .allMatch(source -> let.stream().anyMatch(source::startsWith));
  }

  @ParameterizedTest
  @ValueSource(strings = {"training", "inference"})
  void everyLibraryOfTheProgramIsCopied(String module) throws IOException {
    // Needed by the contract alone, which the server reads: the entry point has no use for them.
    List<String> without = List.of("jackson-databind", "jackson-annotations", "jspecify");
    String copied =
        String.join(" ", Dockerfile.sources(read(module).shared() + read(module).own()));
    String pom = Files.readString(HOME.resolve(module + "-container/pom.xml"));
    List<String> artifacts =
        Arrays.stream(pom.substring(0, pom.indexOf("</dependencies>")).split("<dependency>", -1))
            .skip(1)
            .filter(dependency -> !dependency.contains("<scope>test"))
            .map(
                dependency -> dependency.replaceAll("(?s).*<artifactId>(.*?)</artifactId>.*", "$1"))
            .filter(artifact -> !without.contains(artifact))
            .map(artifact -> artifact.substring(0, artifact.indexOf('-')))
            .toList();
    assertThat(artifacts).isNotEmpty().allMatch(copied::contains);
  }

  private static Dockerfile read(String module) throws IOException {
    return Dockerfile.parse(Files.readString(HOME.resolve(module + "-container/Dockerfile")));
  }

  private static String instruction(String part, String word) {
    return part.replace("\\\n", " ")
        .lines()
        .filter(line -> line.startsWith(word))
        .findFirst()
        .orElseThrow()
        .substring(word.length());
  }
}
