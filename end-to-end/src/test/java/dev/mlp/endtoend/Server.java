package dev.mlp.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code mlp server} in a process of its own, on a free port. */
final class Server implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String READY = "mlp is ready at ";

  private final Path dataDirectory;
  private final TestRuntime runtime;
  private final Path log;
  private final List<String> options;
  private Process process;
  private String url;

  private Server(
      TestRuntime runtime,
      Path dataDirectory,
      Path log,
      List<String> options,
      Process process,
      String url) {
    this.runtime = runtime;
    this.dataDirectory = dataDirectory;
    this.log = log;
    this.options = options;
    this.process = process;
    this.url = url;
  }

  /** On the runtime of this run of the tests. */
  static Server start(Path dataDirectory, String... options) throws Exception {
    return start(TestRuntime.current(), dataDirectory, options);
  }

  static Server start(TestRuntime runtime, Path dataDirectory, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("--runtime", runtime.option()));
    all.addAll(List.of(options));
    Path log = Files.createDirectories(dataDirectory).resolveSibling("server.log");
    Process process = launch(dataDirectory, log, 0, all);
    return new Server(runtime, dataDirectory, log, all, process, awaitReady(process, log));
  }

  private static Process launch(Path dataDirectory, Path log, int port, List<String> options)
      throws IOException {
    Files.deleteIfExists(log);
    List<String> line =
        new ArrayList<>(
            List.of(
                "server",
                "--data-dir",
                dataDirectory.toString(),
                "--port",
                Integer.toString(port)));
    line.addAll(options);
    return Command.mlp(line.toArray(String[]::new))
        .builder()
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static String awaitReady(Process process, Path log) throws Exception {
    String line =
        Eventually.get(
            Duration.ofSeconds(60),
            () -> {
              if (!process.isAlive()) {
                throw new AssertionError("the server ended: " + Files.readString(log, UTF_8));
              }
              return Files.readString(log, UTF_8)
                  .lines()
                  .filter(candidate -> candidate.startsWith(READY))
                  .findFirst();
            });
    return line.substring(READY.length());
  }

  String url() {
    return url;
  }

  Path dataDirectory() {
    return dataDirectory;
  }

  String log() throws IOException {
    return Files.readString(log, UTF_8);
  }

  JsonNode credentials() throws IOException {
    return JSON.readTree(dataDirectory.resolve("credentials.json").toFile());
  }

  /** What {@code mlp env} exports. */
  Map<String, String> clientEnvironment() throws IOException {
    JsonNode credentials = credentials();
    return Map.of(
        "AWS_ENDPOINT_URL", url,
        "AWS_ACCESS_KEY_ID", credentials.get("accessKeyId").asText(),
        "AWS_SECRET_ACCESS_KEY", credentials.get("secretAccessKey").asText(),
        "AWS_REGION", credentials.get("region").asText(),
        "AWS_DEFAULT_REGION", credentials.get("region").asText(),
        "MLP_ROLE_ARN", credentials.get("roleArn").asText(),
        "MLP_TRAINING_IMAGE", credentials.get("trainingImage").asText(),
        "MLP_INFERENCE_IMAGE", credentials.get("inferenceImage").asText());
  }

  /** {@code ./mlp}, finding this server by its data directory. */
  Command mlp(String... arguments) {
    return Command.mlp(arguments).with(Map.of("MLP_DATA_DIR", dataDirectory.toString()));
  }

  /** SIGKILL: nothing of it gets a chance to tidy up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts again on the same data and the same port. */
  void restart() throws Exception {
    process = launch(dataDirectory, log, java.net.URI.create(url).getPort(), options);
    url = awaitReady(process, log);
  }

  /** SIGTERM, and waits for the end. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("the server did not stop within 40 s of SIGTERM");
    }
    return process.exitValue();
  }

  /** How many instances of this server run: processes, or containers. */
  long running() throws Exception {
    if (runtime == TestRuntime.DOCKER) {
      return TestRuntime.Engine.SHARED.orElseThrow().containers(id(), "running").size();
    }
    String marker = dataDirectory.toString();
    return ProcessHandle.allProcesses()
        .filter(candidate -> candidate.pid() != process.pid())
        .filter(candidate ->
            read(Path.of("/proc", Long.toString(candidate.pid()), "cmdline")).contains(marker)
                || read(Path.of("/proc", Long.toString(candidate.pid()), "environ"))
                    .contains("SAGEMAKER_BASE_DIR=" + marker))
        .count();
  }

  /** What this server's things are labelled with at the engine. */
  String id() throws IOException {
    return Files.readString(dataDirectory.resolve("id"), UTF_8).strip();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended meanwhile
    }
  }

  /** Stops the server, and ends instances that a failed test has left running. */
  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        stop();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    String marker = dataDirectory.toString();
    ProcessHandle.allProcesses()
        .filter(candidate ->
            read(Path.of("/proc", Long.toString(candidate.pid()), "environ"))
                .contains("SAGEMAKER_BASE_DIR=" + marker))
        .forEach(ProcessHandle::destroyForcibly);
    if (runtime == TestRuntime.DOCKER) {
      removeContainers();
    }
  }

  private void removeContainers() {
    try {
      TestRuntime.Engine engine = TestRuntime.Engine.SHARED.orElseThrow();
      for (String container : engine.containers(id())) {
        var _ = engine.command("rm", "-f", container);
      }
      for (String rest : engine.remains(id())) {
        var _ = engine.command("volume", "rm", "-f", rest);
        var _ = engine.command("network", "rm", rest);
      }
    } catch (Exception e) {
      throw new AssertionError("cannot clean up", e);
    }
  }
}
