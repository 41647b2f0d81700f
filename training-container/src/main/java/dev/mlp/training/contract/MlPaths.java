package dev.mlp.training.contract;

import java.nio.file.Path;

/**
 * The folders and files of one instance.
 *
 * @param base {@code /opt/ml} inside a container, the instance's own folder for a local process
 */
public record MlPaths(Path base) {
  /** The environment variable that moves the base away from {@code /opt/ml}. */
  public static final String BASE_VARIABLE = "SAGEMAKER_BASE_DIR";

  /** Where the base is when nothing moves it. */
  public static final Path CONTAINER_BASE = Path.of("/opt/ml");

  public MlPaths {
    base = base.toAbsolutePath().normalize();
  }

  public Path input() {
    return base.resolve("input");
  }

  public Path inputConfig() {
    return input().resolve("config");
  }

  public Path hyperparametersFile() {
    return inputConfig().resolve("hyperparameters.json");
  }

  public Path inputDataConfigFile() {
    return inputConfig().resolve("inputdataconfig.json");
  }

  public Path resourceConfigFile() {
    return inputConfig().resolve("resourceconfig.json");
  }

  public Path data() {
    return input().resolve("data");
  }

  /**
   * Where the files of a channel lie.
   *
   * @throws IllegalArgumentException for a name that is no plain folder name: SageMaker's pattern
   *     for channel names admits {@code ..}, which would lead out of the data folder
   */
  public Path channel(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException("\"" + name + "\" cannot be the name of a channel");
    }
    return data().resolve(name);
  }

  /** The user's program, unpacked; its working directory. */
  public Path code() {
    return base.resolve("code");
  }

  public Path model() {
    return base.resolve("model");
  }

  public Path output() {
    return base.resolve("output");
  }

  public Path outputData() {
    return output().resolve("data");
  }

  /** Created by nobody unless asked for: its presence tells the toolkit that somebody syncs it. */
  public Path outputIntermediate() {
    return output().resolve("intermediate");
  }

  /** Written when training failed; its first 1024 characters become the job's failure reason. */
  public Path failure() {
    return output().resolve("failure");
  }

  /** Written, empty, when training succeeded. */
  public Path success() {
    return output().resolve("success");
  }

  /** Where checkpoints lie unless the request's CheckpointConfig names another path. */
  public Path checkpoints() {
    return base.resolve("checkpoints");
  }

  /**
   * A path as clients write it ({@code /opt/ml/…}), on this instance. Paths elsewhere stay as they
   * are.
   */
  public Path locate(String containerPath) {
    Path path = Path.of(containerPath).normalize();
    return path.startsWith(CONTAINER_BASE) ? base.resolve(CONTAINER_BASE.relativize(path)) : path;
  }
}
