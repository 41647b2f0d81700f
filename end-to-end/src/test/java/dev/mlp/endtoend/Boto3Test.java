package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Boto3Test {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path temporary;

  @Test
  void anUnmodifiedBoto3RunsTheWholePathWithItsOwnWaiters() throws Exception {
    assumeTrue(hasBoto3(), "skipped: Debian's python3-boto3 is not installed");
    Path model = TestData.require("saved_model_half_plus_two");
    Path archive = temporary.resolve("model.tar.gz");
    new Command(
            List.of("tar", "-czf", archive.toString(), "-C", model.toString(), "."),
            Map.of(),
            temporary)
        .run(Duration.ofSeconds(20))
        .orFail();

    try (Server server = Server.start(temporary.resolve("data"))) {
      String script = Path.of(getClass().getResource("/boto3_path.py").toURI()).toString();
      String output =
          new Command(
                  List.of(PYTHON, script, server.url(), archive.toString()),
                  server.clientEnvironment(),
                  temporary)
              .run(Duration.ofMinutes(3))
              .orFail();

      System.out.println(output.strip());
      assertThat(output).contains("done with boto3");
      assertThat(server.running()).isZero();
    }
  }

  private boolean hasBoto3() throws IOException, InterruptedException {
    return new Command(List.of(PYTHON, "-c", "import boto3"), Map.of(), temporary)
            .run(Duration.ofSeconds(60))
            .exitCode()
        == 0;
  }
}
