package dev.mlp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server's data directory, as far as its clients read it: {@code server.json} says where the
 * running server is, {@code credentials.json} how to use it.
 */
record DataDirectory(Path path) {

  /** The one that was named, else {@code $MLP_DATA_DIR}, else {@code ~/.mlp}. */
  static DataDirectory of(@Nullable Path named, Map<String, String> environment) {
    if (named != null) {
      return new DataDirectory(named.toAbsolutePath().normalize());
    }
    String variable = environment.getOrDefault("MLP_DATA_DIR", "");
    return new DataDirectory(
        variable.isBlank()
            ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".mlp")
            : Path.of(variable).toAbsolutePath().normalize());
  }

  /** A server that wrote {@code server.json}. */
  record Server(
      long pid, String url, String version, String startedAt, String runtime, String memory) {}

  /** The running server; empty where there is none, or where the one that was has ended. */
  Optional<Server> server() {
    return read("server.json")
        .map(json ->
            new Server(
                Long.parseLong(json.getOrDefault("pid", "-1")),
                json.getOrDefault("url", ""),
                json.getOrDefault("version", ""),
                json.getOrDefault("startedAt", ""),
                json.getOrDefault("runtime", ""),
                json.getOrDefault("memory", "")))
        .filter(server -> ProcessHandle.of(server.pid()).isPresent() && !server.url().isEmpty());
  }

  /**
   * The variables by which any client finds and uses the server, in the order to show them.
   *
   * @throws CommandFailure if no server runs here
   */
  Map<String, String> variables() {
    Server server =
        server()
            .orElseThrow(() ->
                new CommandFailure(
                    "no server is running on "
                        + path
                        + " (looked at "
                        + path.resolve("server.json")
                        + "): start one with 'mlp server', or name its directory with --data-dir"));
    Map<String, String> keys =
        read("credentials.json")
            .orElseThrow(() ->
                new CommandFailure(
                    "the server at "
                        + server.url()
                        + " has left no "
                        + path.resolve("credentials.json")));
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("AWS_ENDPOINT_URL", server.url());
    variables.put("AWS_ACCESS_KEY_ID", keys.getOrDefault("accessKeyId", ""));
    variables.put("AWS_SECRET_ACCESS_KEY", keys.getOrDefault("secretAccessKey", ""));
    variables.put("AWS_REGION", keys.getOrDefault("region", "us-east-1"));
    variables.put("AWS_DEFAULT_REGION", keys.getOrDefault("region", "us-east-1"));
    variables.put("MLP_ROLE_ARN", keys.getOrDefault("roleArn", ""));
    variables.put("MLP_TRAINING_IMAGE", keys.getOrDefault("trainingImage", ""));
    variables.put("MLP_INFERENCE_IMAGE", keys.getOrDefault("inferenceImage", ""));
    return variables;
  }

  private Optional<Map<String, String>> read(String file) {
    try {
      Object tree =
          Tree.jsonAsText(Files.readString(path.resolve(file)), path.resolve(file).toString());
      Map<String, String> values = new LinkedHashMap<>();
      if (tree instanceof Map<?, ?> map) {
        map.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
      }
      return Optional.of(values);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + path.resolve(file) + ": " + e.getMessage(), e);
    }
  }
}
