package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.training.contract.ChannelConfig;
import dev.mlp.training.contract.ConfigFiles;
import dev.mlp.training.contract.InstanceGroup;
import dev.mlp.training.contract.MlPaths;
import dev.mlp.training.contract.ResourceConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An instance's folder, and the entry point run in it as the platform runs it: a JVM of its own.
 */
final class Instance {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  final MlPaths paths;
  final Map<String, String> hyperparameters = new LinkedHashMap<>();
  final Map<String, String> environment = new LinkedHashMap<>();
  private final Path log;

  Instance(Path base) throws IOException {
    paths = new MlPaths(base);
    log = base.resolveSibling(base.getFileName() + ".log");
    Files.createDirectories(paths.code());
    // As in a platform's child: nothing inherited but the way to programs.
    environment.put("PATH", System.getenv("PATH"));
    environment.put("LANG", "C.UTF-8");
    environment.put("TRAINING_JOB_NAME", "job-1");
    environment.put("MLP_CACHE_DIR", base.resolveSibling("cache").toString());
  }

  Instance program(String name, String content) throws IOException {
    Files.writeString(paths.code().resolve(name), content);
    hyperparameters.put("sagemaker_program", "\"" + name + "\"");
    return this;
  }

  Process start() throws IOException {
    writeConfig();
    return startAsItIs("train");
  }

  void writeConfig() throws IOException {
    List<String> hosts = List.of("algo-1");
    ConfigFiles.write(
        paths,
        hyperparameters,
        List.of(new ChannelConfig("test-set", "File", "FullyReplicated", "None", null)),
        new ResourceConfig(
            "algo-1",
            "ml.m5.large",
            ResourceConfig.HOMOGENEOUS_CLUSTER,
            hosts,
            List.of(new InstanceGroup(ResourceConfig.HOMOGENEOUS_CLUSTER, "ml.m5.large", hosts)),
            "eth0"));
  }

  /** Starts the entry point on whatever lies in the folder. */
  Process startAsItIs(String argument) throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            Java.executable(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            classes(),
            Main.class.getName(),
            argument);
    command.environment().clear();
    command.environment().putAll(environment);
    command.environment().put(MlPaths.BASE_VARIABLE, paths.base().toString());
    return command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Runs to the end, and yields the exit code. */
  int run() throws IOException, InterruptedException {
    return await(start());
  }

  int await(Process process) throws IOException, InterruptedException {
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(this::log).isTrue();
      return process.exitValue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  String log() {
    try {
      return Files.exists(log) ? new String(Files.readAllBytes(log), UTF_8) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Waits until the log holds a text. */
  void awaitLog(String text) {
    Instant end = Instant.now().plus(LIMIT);
    while (!log().contains(text)) {
      assertThat(Instant.now()).as("%s in the log:%n%s", text, log()).isBefore(end);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  String failure() throws IOException {
    return Files.exists(paths.failure()) ? Files.readString(paths.failure()) : "";
  }

  boolean isSuccess() {
    return Files.exists(paths.success());
  }

  /** This module's own classes and nothing else: what the common path may need. */
  private static String classes() {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (Files.exists(Path.of(entry, "dev/mlp/training/entrypoint/Main.class"))) {
        return entry;
      }
    }
    throw new AssertionError("no folder with the entry point on the class path");
  }
}
