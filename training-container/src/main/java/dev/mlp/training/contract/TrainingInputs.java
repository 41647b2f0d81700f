package dev.mlp.training.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the three files below {@code input/config} say.
 *
 * @param hyperparameters decoded and told apart
 * @param channels {@code inputdataconfig.json} as it stands, keyed by channel
 * @param resources {@code resourceconfig.json} as it stands
 */
public record TrainingInputs(
    Hyperparameters hyperparameters, PythonValue.Dict channels, PythonValue.Dict resources) {

  /**
   * Reads the files.
   *
   * @throws IOException when one is missing, cannot be read or is no JSON object
   */
  public static TrainingInputs read(MlPaths paths) throws IOException {
    return new TrainingInputs(
        new Hyperparameters(decode(object(paths.hyperparametersFile()))),
        object(paths.inputDataConfigFile()),
        object(paths.resourceConfigFile()));
  }

  /** For a job whose inputs are at hand; {@code hyperparameters} as they came on the wire. */
  public static TrainingInputs of(
      Map<String, String> hyperparameters, PythonValue.Dict channels, PythonValue.Dict resources) {
    Map<String, PythonValue> texts = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : hyperparameters.entrySet()) {
      texts.put(entry.getKey(), new PythonValue.Text(entry.getValue()));
    }
    return new TrainingInputs(
        new Hyperparameters(decode(new PythonValue.Dict(texts))), channels, resources);
  }

  /** A file written by another platform may hold numbers where SageMaker has only strings. */
  private static PythonValue.Dict decode(PythonValue.Dict raw) {
    Map<String, PythonValue> values = new LinkedHashMap<>();
    for (Map.Entry<String, PythonValue> entry : raw.values().entrySet()) {
      values.put(
          entry.getKey(),
          entry.getValue() instanceof PythonValue.Text text
              ? Hyperparameters.decode(text.value())
              : entry.getValue());
    }
    return new PythonValue.Dict(values);
  }

  private static PythonValue.Dict object(Path file) throws IOException {
    try {
      if (PythonJson.parse(Files.readString(file)) instanceof PythonValue.Dict object) {
        return object;
      }
      throw new IOException(file + " must hold a JSON object");
    } catch (NotJsonException e) {
      throw new IOException(file + " is no JSON: " + e.getMessage(), e);
    }
  }
}
