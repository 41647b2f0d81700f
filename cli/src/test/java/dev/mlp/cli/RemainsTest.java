package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemainsTest {
  @TempDir Path folder;

  @Test
  void killsWhatWorksInTheDirectoryAndNothingElse() throws IOException, InterruptedException {
    assumeThat(Path.of("/proc/self/environ")).isReadable();
    Path directory = Files.createDirectories(folder.resolve("data"));
    Process own = program(directory.resolve("instances/train/ml"));
    Process other = program(folder.resolve("data-of-another/ml"));
    try {
      new Remains(directory).awaitProcesses();
      assertThat(own.waitFor(5, TimeUnit.SECONDS)).isTrue();
      assertThat(other.isAlive()).isTrue();
    } finally {
      own.destroyForcibly().waitFor();
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void waitsForWhatIsDyingToHaveWritten() throws IOException, InterruptedException {
    assumeThat(Path.of("/proc/self/environ")).isReadable();
    Path base = Files.createDirectories(folder.resolve("data/instances/train/ml"));
    Path go = folder.resolve("go");
    Process dying =
        start(
            base,
            new ProcessBuilder(
                    "sh", "-c", "touch \"$0\"; sleep 0.3; echo x > failure", go.toString())
                .directory(base.toFile()));
    try {
      while (!Files.exists(go) && dying.isAlive()) {
        Thread.onSpinWait();
      }
      Remains remains = new Remains(folder.resolve("data"));
      remains.awaitProcesses();
      assertThat(base.resolve("failure")).exists();
      remains.delete();
      assertThat(folder.resolve("data")).doesNotExist();
      remains.delete();
    } finally {
      dying.destroyForcibly().waitFor();
    }
  }

  private static Process program(Path base) throws IOException {
    return start(base, new ProcessBuilder("sleep", "300"));
  }

  private static Process start(Path base, ProcessBuilder builder) throws IOException {
    builder.environment().put("SAGEMAKER_BASE_DIR", base.toString());
    return builder.start();
  }
}
