package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path temporary;

  @Test
  void aKilledServerLosesNoJobNoLineAndNoEndpoint() throws Exception {
    Path model = TestData.require("saved_model_half_plus_two");
    Path script =
        Files.writeString(
            temporary.resolve("count.sh"),
            """
            #!/bin/sh
            n=1
            while [ $n -le 60 ]; do echo "line $n"; n=$((n + 1)); sleep 0.1; done
            echo model > "$SM_MODEL_DIR/model.txt"
            """);
    try (Server server = Server.start(temporary.resolve("data"))) {
      server
          .mlp("deploy", "--endpoint", "steady", "--model-data", model.toString())
          .run(SOON)
          .orFail();
      server
          .mlp("train", "--entry", script.toString(), "--name", "counting", "--detach")
          .run(SOON)
          .orFail();
      Eventually.holds(SOON, "the script runs", () -> logLines(server).contains("line 5"));
      JsonNode before = endpoint(server);

      server.kill();
      server.restart();

      assertThat(predict(server)).isEqualTo("{\"predictions\":[2.5,3.0,4.5]}");
      assertThat(endpoint(server).get("CreationTime")).isEqualTo(before.get("CreationTime"));
      JsonNode job = job(server, "Completed");
      assertThat(logLines(server))
          .filteredOn(line -> line.startsWith("line "))
          .isEqualTo(IntStream.rangeClosed(1, 60).mapToObj(n -> "line " + n).toList());
      String artifacts = job.get("ModelArtifacts").get("S3ModelArtifacts").asText();
      assertThat(artifacts).endsWith("/counting/output/model.tar.gz");

      server.mlp("endpoints", "delete", "steady").run(SOON).orFail();
      Eventually.holds(SOON, "no process is left", () -> server.running() == 0);
    }
  }

  @Test
  void anExitWhileTheServerWasDownIsKnownAfterwards() throws Exception {
    Path script =
        Files.writeString(
            temporary.resolve("fail.sh"),
            """
            #!/bin/sh
            echo started
            sleep 5
            echo "about to fail"
            exit 3
            """);
    try (Server server = Server.start(temporary.resolve("data"))) {
      server
          .mlp("train", "--entry", script.toString(), "--name", "counting", "--detach")
          .run(SOON)
          .orFail();
      Eventually.holds(SOON, "the script runs", () -> logLines(server).contains("started"));

      server.kill();
      Eventually.holds(SOON, "the script has ended", () -> server.running() == 0);
      server.restart();

      JsonNode job = job(server, "Failed");
      assertThat(job.get("FailureReason").asText()).contains("ExitCode 3");
      assertThat(logLines(server)).containsOnlyOnce("started", "about to fail");
    }
  }

  @Test
  void aSecondServerOnTheSameDataIsRefusedNamingTheFirst() throws Exception {
    try (Server server = Server.start(temporary.resolve("data"))) {
      Command.Result second =
          Command.mlp("server", "--data-dir", server.dataDirectory().toString(), "--port", "0")
              .run(SOON);

      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.errors().lines()).hasSize(1);
      assertThat(second.errors()).contains(server.url());
      assertThat(server.stop()).isZero();
    }
  }

  private static JsonNode job(Server server, String status) throws Exception {
    return Eventually.get(
        SOON,
        () -> {
          JsonNode job =
              JSON.readTree(
                  server
                      .mlp("jobs", "describe", "counting", "--output", "json")
                      .run(SOON)
                      .orFail());
          return job.get("TrainingJobStatus").asText().equals(status)
              ? java.util.Optional.of(job)
              : java.util.Optional.empty();
        });
  }

  private static List<String> logLines(Server server) throws Exception {
    Command.Result result = server.mlp("jobs", "logs", "counting").run(SOON);
    return result.output().lines().toList();
  }

  private static JsonNode endpoint(Server server) throws Exception {
    return JSON.readTree(
        server.mlp("endpoints", "describe", "steady", "--output", "json").run(SOON).orFail());
  }

  private static String predict(Server server) throws Exception {
    return server
        .mlp(
            "predict",
            "--endpoint",
            "steady",
            "--json",
            "{\"instances\":[1.0,2.0,5.0]}",
            "--output",
            "json")
        .run(SOON)
        .orFail()
        .replaceAll("\\s", "");
  }
}
