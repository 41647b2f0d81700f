package dev.mlp.inference;

import dev.mlp.inference.http.Limits;
import dev.mlp.inference.tensorflow.SessionThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What the environment says, with SageMaker's names and defaults.
 *
 * @param port 0 takes a free one
 * @param defaultModel empty: the first one found
 */
record ServerConfiguration(
    String host,
    int port,
    Path modelRoot,
    String defaultModel,
    SessionThreads threads,
    Limits limits) {

  private static final int MAX_PAYLOAD_MB = 1024;

  /**
   * @throws IllegalArgumentException naming the variable, its value and what was expected
   */
  static ServerConfiguration of(Map<String, String> environment) {
    String base = environment.getOrDefault("SAGEMAKER_BASE_DIR", "/opt/ml");
    String named = environment.getOrDefault("SAGEMAKER_TFS_DEFAULT_MODEL_NAME", "");
    return new ServerConfiguration(
        environment.getOrDefault("MLP_BIND_HOST", "0.0.0.0"),
        integer(environment, "SAGEMAKER_BIND_TO_PORT", 8080, 0, 65535),
        Path.of(environment.getOrDefault("SM_MODEL_DIR", base + "/model")),
        named.equals("None") ? "" : named,
        new SessionThreads(
            integer(
                environment,
                "SAGEMAKER_TFS_INTER_OP_PARALLELISM",
                SessionThreads.CALLER_RUNS.interOp(),
                -1,
                1024),
            integer(
                environment,
                "SAGEMAKER_TFS_INTRA_OP_PARALLELISM",
                SessionThreads.CALLER_RUNS.intraOp(),
                0,
                1024)),
        limits(environment));
  }

  private static Limits limits(Map<String, String> environment) {
    int body = integer(environment, "SAGEMAKER_MAX_PAYLOAD_IN_MB", 6, 1, MAX_PAYLOAD_MB) << 20;
    // A body, its tensors and the answer are all alive at once.
    long allBodies = Math.max(4L * body, Runtime.getRuntime().maxMemory() / 8);
    Duration drain = Duration.ofSeconds(integer(environment, "MLP_DRAIN_SECONDS", 30, 0, 3600));
    return new Limits(body, allBodies, drain);
  }

  private static int integer(
      Map<String, String> environment, String name, int otherwise, int least, int most) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below, like a number out of range
    }
    throw new IllegalArgumentException(
        name + " is '" + value + "': expected a whole number from " + least + " to " + most);
  }
}
