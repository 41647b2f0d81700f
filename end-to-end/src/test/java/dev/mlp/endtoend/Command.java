package dev.mlp.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, with a bound on its time, and keeps what it printed. */
record Command(List<String> line, Map<String, String> environment, Path directory) {
  /** What a program left behind. */
  record Result(int exitCode, String output, String errors) {
    /** The output, where the program ended well; fails with all that it printed otherwise. */
    String orFail() {
      if (exitCode != 0) {
        throw new AssertionError("exit code " + exitCode + "\n" + output + "\n" + errors);
      }
      return output;
    }
  }

  /** The checkout that the tests belong to. */
  static Path home() {
    return Path.of(System.getProperty("mlp.home"));
  }

  /** {@code ./mlp} as it is built now. */
  static Command mlp(String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(home().resolve("mlp").toString());
    line.addAll(List.of(arguments));
    return new Command(line, Map.of(), home());
  }

  Command with(Map<String, String> further) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(further);
    return new Command(line, all, directory);
  }

  Command in(Path other) {
    return new Command(line, environment, other);
  }

  ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    // What the person who runs the tests has set must not steer them.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("AWS_") || name.startsWith("MLP_"));
    builder.environment().put("MLP_SKIP_BUILD", "1");
    builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
    builder.environment().putAll(environment);
    return builder;
  }

  Result run(Duration atMost) throws IOException, InterruptedException {
    Path output = Files.createTempFile("mlp-test-", ".out");
    Path errors = Files.createTempFile("mlp-test-", ".err");
    try {
      Process process =
          builder()
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      boolean ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      Result result =
          new Result(
              process.exitValue(),
              Files.readString(output, UTF_8),
              Files.readString(errors, UTF_8));
      if (!ended) {
        throw new AssertionError(line + " did not end within " + atMost + "\n" + result);
      }
      return result;
    } finally {
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }
}
