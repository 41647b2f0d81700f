package dev.mlp.sdk;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How hyperparameters travel: always text, JSON-encoded when a script is sent along, as the
 * SageMaker SDK v2 does it.
 */
final class HyperParameters {
  static final String SUBMIT_DIRECTORY = "sagemaker_submit_directory";
  static final String PROGRAM = "sagemaker_program";
  private static final String LOG_LEVEL_INFO = "20";

  private HyperParameters() {}

  /** For an image that brings its own program: values as they are. */
  static Map<String, String> plain(Map<String, ?> values) {
    Map<String, String> encoded = new TreeMap<>();
    values.forEach((key, value) -> encoded.put(key, text(value)));
    return encoded;
  }

  /** For a program of the user's: every value as JSON. */
  static Map<String, String> json(Map<String, ?> values) {
    Map<String, String> encoded = new TreeMap<>();
    values.forEach((key, value) -> encoded.put(key, PythonJson.dumps(value)));
    return encoded;
  }

  /** Where a program of the user's is, in the words of the containers' script mode. */
  static Map<String, String> script(Script script) {
    Map<String, String> encoded = new TreeMap<>();
    encoded.put(SUBMIT_DIRECTORY, PythonJson.dumps(script.archive().toString()));
    encoded.put(PROGRAM, PythonJson.dumps(script.program()));
    encoded.put("sagemaker_container_log_level", LOG_LEVEL_INFO);
    encoded.put("sagemaker_job_name", PythonJson.dumps(script.jobName()));
    encoded.put("sagemaker_region", PythonJson.dumps(script.region()));
    return encoded;
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case CharSequence chars -> chars.toString();
      case Boolean flag -> flag.toString();
      default -> PythonJson.dumps(value);
    };
  }

  /**
   * A packed program.
   *
   * @param archive where sourcedir.tar.gz is
   * @param program the entry point, relative to the archive's root
   */
  record Script(S3Uri archive, String program, String jobName, String region) {}
}
