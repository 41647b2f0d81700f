package dev.mlp.training.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the three files that tell an instance what it is to do. */
public final class ConfigFiles {
  private ConfigFiles() {}

  /**
   * Writes {@code hyperparameters.json}, {@code inputdataconfig.json} and {@code
   * resourceconfig.json} below {@link MlPaths#inputConfig()}, which is created. Each file appears
   * whole or not at all, and writing again replaces it.
   *
   * @param hyperparameters as they came on the wire: text, not decoded
   */
  public static void write(
      MlPaths paths,
      Map<String, String> hyperparameters,
      List<ChannelConfig> channels,
      ResourceConfig resources)
      throws IOException {
    Files.createDirectories(paths.inputConfig());
    replace(paths.hyperparametersFile(), hyperparameters(hyperparameters));
    replace(paths.inputDataConfigFile(), inputDataConfig(channels));
    replace(paths.resourceConfigFile(), resourceConfig(resources));
  }

  /** {@code {"epochs":"3"}}: every value is a string. */
  public static String hyperparameters(Map<String, String> hyperparameters) {
    Map<String, PythonValue> values = new LinkedHashMap<>();
    hyperparameters.forEach((name, value) -> values.put(name, new PythonValue.Text(value)));
    return new PythonValue.Dict(values).json();
  }

  /** {@code {"train":{"TrainingInputMode":"File",…}}}. */
  public static String inputDataConfig(List<ChannelConfig> channels) {
    Map<String, PythonValue> values = new LinkedHashMap<>();
    for (ChannelConfig channel : channels) {
      values.put(
          channel.name(),
          texts(
              "TrainingInputMode", channel.trainingInputMode(),
              "S3DistributionType", channel.s3DistributionType(),
              "RecordWrapperType", channel.recordWrapperType(),
              "ContentType", channel.contentType()));
    }
    return new PythonValue.Dict(values).json();
  }

  /** {@code {"current_host":"algo-1","hosts":["algo-1"],…}}. */
  public static String resourceConfig(ResourceConfig resources) {
    Map<String, PythonValue> values =
        new LinkedHashMap<>(
            texts(
                    "current_host", resources.currentHost(),
                    "current_instance_type", resources.currentInstanceType(),
                    "current_group_name", resources.currentGroupName(),
                    "network_interface_name", resources.networkInterfaceName())
                .values());
    values.put("hosts", list(resources.hosts()));
    List<PythonValue> groups = new ArrayList<>();
    for (InstanceGroup group : resources.instanceGroups()) {
      Map<String, PythonValue> fields =
          new LinkedHashMap<>(
              texts("instance_group_name", group.name(), "instance_type", group.instanceType())
                  .values());
      fields.put("hosts", list(group.hosts()));
      groups.add(new PythonValue.Dict(fields));
    }
    values.put("instance_groups", new PythonValue.Items(groups));
    return new PythonValue.Dict(values).json();
  }

  /** Names and values by turns; what has no value is left out. */
  private static PythonValue.Dict texts(@Nullable String... namesAndValues) {
    Map<String, PythonValue> values = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = namesAndValues[i];
      String value = namesAndValues[i + 1];
      if (name != null && value != null) {
        values.put(name, new PythonValue.Text(value));
      }
    }
    return new PythonValue.Dict(values);
  }

  private static PythonValue list(List<String> texts) {
    List<PythonValue> values = new ArrayList<>();
    texts.forEach(text -> values.add(new PythonValue.Text(text)));
    return new PythonValue.Items(values);
  }

  private static void replace(Path file, String json) throws IOException {
    Path whole = Files.createTempFile(file.getParent(), file.getFileName() + "-", ".part");
    try {
      Files.writeString(whole, json, US_ASCII);
      // A temporary file is its owner's alone; the program may run as somebody else.
      whole.toFile().setReadable(true, false);
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(whole);
    }
  }
}
