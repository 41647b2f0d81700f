package dev.mlp.training.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The hyperparameters of a job, decoded and told apart: the user's own, and those that clients add
 * for the container.
 *
 * <p>On the wire every value is text. Script mode of SageMaker's Python SDK 2 puts JSON into it, so
 * that a string arrives in double quotes; other clients send it bare. Both are understood.
 */
public final class Hyperparameters {
  /** The file to run, relative to the code folder. */
  public static final String PROGRAM = "sagemaker_program";

  /** Where the code comes from: an archive in S3, or a path inside the container. */
  public static final String SUBMIT_DIRECTORY = "sagemaker_submit_directory";

  static final String LOG_LEVEL = "sagemaker_container_log_level";
  static final String JOB_NAME = "sagemaker_job_name";
  static final String REGION = "sagemaker_region";

  private static final String PLATFORM_PREFIX = "sagemaker_";

  /**
   * Meant for the container itself: no program sees them, as argument or as framework parameter.
   */
  private static final Set<String> CONTAINER =
      Set.of(
          PROGRAM,
          SUBMIT_DIRECTORY,
          "sagemaker_enable_cloudwatch_metrics",
          REGION,
          LOG_LEVEL,
          JOB_NAME,
          "default_user_module_name",
          "_tuning_objective_metric",
          "sagemaker_s3_output");

  private final Map<String, PythonValue> user = new LinkedHashMap<>();
  private final Map<String, PythonValue> container = new LinkedHashMap<>();
  private final Map<String, PythonValue> framework = new LinkedHashMap<>();

  /**
   * @param decoded what {@link #decode} yields per value
   */
  Hyperparameters(PythonValue.Dict decoded) {
    for (Map.Entry<String, PythonValue> entry : decoded.values().entrySet()) {
      String name = entry.getKey();
      if (CONTAINER.contains(name)) {
        container.put(name, entry.getValue());
      } else if (name.startsWith(PLATFORM_PREFIX)) {
        framework.put(name, entry.getValue());
      } else {
        user.put(name, entry.getValue());
      }
    }
  }

  /** The code's address, decoded; empty where the job has none. */
  public static Optional<String> submitDirectory(Map<String, String> hyperparameters) {
    return decoded(hyperparameters, SUBMIT_DIRECTORY);
  }

  /** The file to run, decoded; empty where the job has none. */
  public static Optional<String> program(Map<String, String> hyperparameters) {
    return decoded(hyperparameters, PROGRAM);
  }

  /** The value that a text stands for: JSON where it is JSON in Python's eyes, else itself. */
  public static PythonValue decode(String text) {
    try {
      return PythonJson.parse(text);
    } catch (NotJsonException plainText) {
      return new PythonValue.Text(text);
    }
  }

  private static Optional<String> decoded(Map<String, String> hyperparameters, String name) {
    String text = hyperparameters.get(name);
    return text == null ? Optional.empty() : present(decode(text));
  }

  private static Optional<String> present(PythonValue value) {
    return value.isTrue() ? Optional.of(value.str()) : Optional.empty();
  }

  /** What the user's program gets. */
  public PythonValue.Dict user() {
    return new PythonValue.Dict(user);
  }

  /** Switches for a framework, such as {@code sagemaker_mpi_enabled}. */
  PythonValue.Dict framework() {
    return new PythonValue.Dict(framework);
  }

  /** One of the container's own. */
  Optional<String> container(String name) {
    PythonValue value = container.get(name);
    return value == null ? Optional.empty() : present(value);
  }

  PythonValue container(String name, PythonValue otherwise) {
    return container.getOrDefault(name, otherwise);
  }
}
