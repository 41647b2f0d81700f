package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvCommandTest {
  @TempDir Path folder;
  private final Shell shell = new Shell();

  @BeforeEach
  void aServerRuns() throws IOException {
    write(folder, ProcessHandle.current().pid());
    shell.environment.clear();
    shell.environment.put("MLP_DATA_DIR", folder.toString());
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void printsEightVariablesThatAShellReadsBack() throws IOException, InterruptedException {
    assertThat(shell.run("env")).isZero();
    assertThat(shell.out().lines().map(line -> line.replaceAll("=.*", "")).toList())
        .containsExactly(
            "export AWS_ENDPOINT_URL",
            "export AWS_ACCESS_KEY_ID",
            "export AWS_SECRET_ACCESS_KEY",
            "export AWS_REGION",
            "export AWS_DEFAULT_REGION",
            "export MLP_ROLE_ARN",
            "export MLP_TRAINING_IMAGE",
            "export MLP_INFERENCE_IMAGE");
    Process sh =
        new ProcessBuilder("/bin/sh", "-c", shell.out() + "printf %s \"$AWS_SECRET_ACCESS_KEY\"")
            .start();
    String secret = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(sh.waitFor()).isZero();
    assertThat(secret).isEqualTo("a'b $HOME\"/+=");
  }

  @Test
  void prefersTheNamedDirectoryOverTheVariables(@TempDir Path other) throws IOException {
    write(other, ProcessHandle.current().pid());
    Files.writeString(
        other.resolve("server.json"),
        "{\"pid\":" + ProcessHandle.current().pid() + ",\"url\":\"http://127.0.0.1:2\"}");
    assertThat(shell.run("env", "--data-dir", other.toString())).isZero();
    assertThat(shell.out()).contains("AWS_ENDPOINT_URL=http://127.0.0.1:2");
  }

  @Test
  void doesNotTakeADeadServersFileForAServer() throws IOException, InterruptedException {
    Process ended = new ProcessBuilder("/bin/true").start();
    ended.waitFor();
    write(folder, ended.pid());
    assertThat(shell.run("env")).isEqualTo(1);
    assertThat(shell.out()).isEmpty();
    assertThat(shell.err()).contains("no server is running").hasLineCount(1);
  }

  @Test
  void saysWhichFileIsBroken() throws IOException {
    Files.writeString(folder.resolve("credentials.json"), "{nonsense");
    assertThat(shell.run("env")).isEqualTo(1);
    assertThat(shell.err()).contains("credentials.json cannot be read at line 1").hasLineCount(1);
  }

  private static void write(Path directory, long pid) throws IOException {
    Files.writeString(
        directory.resolve("server.json"),
        "{\"pid\":"
            + pid
            + ",\"url\":\"http://127.0.0.1:1\",\"version\":\"1\",\"startedAt\":\"t\"}");
    Files.writeString(
        directory.resolve("credentials.json"),
        "{\"accessKeyId\":\"AK\",\"secretAccessKey\":\"a'b $HOME\\\"/+=\",\"region\":\"us-east-1\",\"roleArn\":\"r\",\"trainingImage\":\"t\",\"inferenceImage\":\"i\"}");
  }
}
