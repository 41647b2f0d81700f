package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  @Test
  void trainsServesPredictsAndLeavesNothingBehind() throws Exception {
    JsonNode result = quickstart();

    assertThat(result.get("auc").asDouble()).isBetween(0.7, 1.0);
    assertThat(result.get("accuracy").asDouble()).isBetween(0.7, 1.0);
    assertThat(result.get("threshold").asDouble()).isBetween(0.0, 1.0);
    assertThat(result.get("predictions")).hasSize(3);
    assertThat(result.get("trainingJob").asText()).isNotEmpty();
    assertThat(result.get("endpoint").asText()).isNotEmpty();
    assertThat(result.get("modelArtifacts").asText()).startsWith("s3://").endsWith("model.tar.gz");
    assertThat(result.get("seconds").asDouble()).isPositive();
    assertNothingLeft();
  }

  @Test
  void reachesTheTutorialsQualityWithTheSameFiguresOnEveryRun() throws Exception {
    Path titanic = TestData.require("titanic.csv");

    JsonNode first = quickstart("--data", titanic.toString(), "--splits", "20");
    JsonNode second = quickstart("--data", titanic.toString(), "--splits", "20");

    assertThat(first.get("aucMean").asDouble()).isGreaterThanOrEqualTo(0.85);
    assertThat(first.get("accuracyMean").asDouble()).isGreaterThanOrEqualTo(0.80);
    for (String figure :
        List.of(
            "auc", "accuracy", "threshold", "aucMean", "aucStd", "accuracyMean", "accuracyStd")) {
      assertThat(second.get(figure)).as(figure).isEqualTo(first.get(figure));
    }
    assertNothingLeft();
  }

  @Test
  void saysInOneLineWhatIsWrongWithTheData() throws Exception {
    Path data = Files.writeString(temporary.resolve("no-label.csv"), "Age,Sex\n22,male\n");

    Command.Result result =
        Command.mlp("quickstart", "--data", data.toString())
            .with(Map.of("TMPDIR", temporary.toString()))
            .run(Duration.ofMinutes(2));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors().lines()).hasSize(1);
    assertThat(result.errors()).contains("Survived").contains("Age");
    assertNothingLeft();
  }

  private JsonNode quickstart(String... arguments) throws Exception {
    String[] all =
        Stream.concat(
                Stream.of(
                    "quickstart", "--output", "json", "--runtime", TestRuntime.current().option()),
                Stream.of(arguments))
            .toArray(String[]::new);
    String output =
        Command.mlp(all)
            .with(Map.of("TMPDIR", temporary.toString()))
            .run(Duration.ofMinutes(4))
            .orFail();
    return JSON.readTree(output);
  }

  private void assertNothingLeft() throws Exception {
    assertThat(
            ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(temporary.toString())))
        .isEmpty();
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(
              left.map(Path::getFileName)
                  .map(Path::toString)
                  .filter(name -> name.startsWith("mlp")))
          .isEmpty();
    }
  }
}
