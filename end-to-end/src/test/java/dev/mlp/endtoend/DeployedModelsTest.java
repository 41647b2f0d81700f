package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that others have trained. */
class DeployedModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir Path temporary;

  @Test
  void theTutorialsOwnModelAnswersRightly() throws Exception {
    Path zip = TestData.require("titanic_model_keras.zip");
    try (Server server = Server.start(temporary.resolve("data"))) {
      server
          .mlp("deploy", "--endpoint", "tutorial", "--model-data", zip.toString())
          .run(SOON)
          .orFail();

      JsonNode answer =
          JSON.readTree(
              server
                  .mlp(
                      "predict",
                      "--endpoint",
                      "tutorial",
                      "--output",
                      "json",
                      "--json",
                      """
                      {"instances": [
                        {"Pclass": [3.0], "Sex": [0.0], "Age": [22.0], "SibSp": [1.0], "Parch": [0.0], "Fare": [7.25]},
                        {"Pclass": [1.0], "Sex": [1.0], "Age": [38.0], "SibSp": [1.0], "Parch": [0.0], "Fare": [71.2833]}]}
                      """)
                  .run(SOON)
                  .orFail());

      assertThat(answer.get("predictions")).hasSize(2);
      System.out.println(answer);
      server.mlp("endpoints", "delete", "tutorial").run(SOON).orFail();
      assertThat(server.instanceProcesses()).isZero();
    }
  }
}
