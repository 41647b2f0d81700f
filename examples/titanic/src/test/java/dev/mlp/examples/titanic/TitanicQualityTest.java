package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlp.training.job.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The goal on the tutorial's own file: one round, in which each passenger is tested once. */
class TitanicQualityTest {

  @Test
  void ranksAndDecidesAsWellAsTheTutorialPromises() throws IOException {
    Path csv = testData().resolve("titanic.csv");
    assumeTrue(Files.exists(csv), "no " + csv + ": set MLP_TEST_DATA to the folder that holds it");
    TensorFlowRuntime.prepare();
    Settings settings = Settings.of(TrainingJob.from(Map.of("SM_HPS", "{}"), System.out));
    Dataset data = Dataset.of(Table.of(CsvFile.read(csv), settings.label(), settings.weight()));

    assertThat(data.features())
        .extracting(Feature::name)
        .containsExactly("Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked");
    List<Run> runs = new ArrayList<>();
    for (int split = 0; split < 5; split++) {
      runs.add(Run.of(data, settings, split, (_, _, _) -> {}));
    }
    Report report = Report.of(data, settings, runs);
    assertThat(report.auc().mean()).isGreaterThan(0.85);
    assertThat(report.accuracy().mean()).isGreaterThan(0.795);
  }

  private static Path testData() {
    return Optional.ofNullable(System.getenv("MLP_TEST_DATA"))
        .map(Path::of)
        .orElseGet(() ->
            Path.of(Objects.requireNonNullElse(System.getProperty("mlp.home"), "../.."))
                .resolve("../shared/data"));
  }
}
