package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that others have trained. */
class DeployedModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir Path temporary;

  /**
   * It takes class, sex (0 male, 1 female), age, siblings, parents and fare, and answers 0 or 1.
   */
  @Test
  void theTutorialsOwnModelKnowsWhoSurvived() throws Exception {
    Path zip = TestData.require("titanic_model_keras.zip");
    List<Passenger> passengers = passengers(TestData.require("titanic.csv"));
    ArrayNode instances = JSON.createArrayNode();
    passengers.forEach(passenger -> instances.add(JSON.valueToTree(passenger.features())));
    Path body =
        Files.writeString(
            temporary.resolve("body.json"),
            JSON.writeValueAsString(JSON.createObjectNode().set("instances", instances)));

    try (Server server = Server.start(temporary.resolve("data"))) {
      server
          .mlp("deploy", "--endpoint", "tutorial", "--model-data", zip.toString())
          .run(SOON)
          .orFail();
      JsonNode predictions =
          JSON.readTree(
                  server
                      .mlp("predict", "--endpoint", "tutorial", "--file", body.toString())
                      .run(SOON)
                      .orFail())
              .get("predictions");
      server.mlp("endpoints", "delete", "tutorial").run(SOON).orFail();

      assertThat(predictions).hasSize(714);
      long right = 0;
      for (int i = 0; i < predictions.size(); i++) {
        JsonNode prediction = predictions.get(i);
        int survived = prediction.isArray() ? prediction.get(0).asInt() : prediction.asInt();
        right += survived == passengers.get(i).survived() ? 1 : 0;
      }
      // 573 of 714; its authors report 0.821 on their split.
      assertThat(right).isEqualTo(573);
      assertThat(server.running()).isZero();
    }
  }

  private record Passenger(int survived, List<Double> features) {}

  private static List<Passenger> passengers(Path csv) throws Exception {
    List<Passenger> passengers = new ArrayList<>();
    for (String line : Files.readAllLines(csv).subList(1, Files.readAllLines(csv).size())) {
      // The name stands in quotes and has the only other commas.
      String[] before = line.substring(0, line.indexOf('"')).split(",", -1);
      String[] after = line.substring(line.lastIndexOf("\",") + 2).split(",", -1);
      if (!after[1].isEmpty()) {
        passengers.add(
            new Passenger(
                Integer.parseInt(before[1]),
                List.of(
                    Double.parseDouble(before[2]),
                    after[0].equals("female") ? 1.0 : 0.0,
                    Double.parseDouble(after[1]),
                    Double.parseDouble(after[2]),
                    Double.parseDouble(after[3]),
                    Double.parseDouble(after[5]))));
      }
    }
    return passengers;
  }
}
