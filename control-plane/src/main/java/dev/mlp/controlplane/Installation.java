package dev.mlp.controlplane;

import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The built-in images' programs, as the build lays them out below the installation's folder.
 *
 * @param recording every program writes its AOT cache when it ends; a step of the build
 */
record Installation(Path home, Path cacheDirectory, boolean recording) {
  static final String TRAINING_IMAGE = "mlp-training";
  static final String INFERENCE_IMAGE = "mlp-inference";

  private static final List<String> NATIVE_ACCESS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  /**
   * The images, each under its own name and those that the configuration adds.
   *
   * @throws IllegalArgumentException for an alias of an image that is not built in
   */
  BuiltInImages images(Map<String, List<String>> aliases) {
    Set<String> names = Set.of(TRAINING_IMAGE, INFERENCE_IMAGE);
    aliases.keySet().stream()
        .filter(name -> !names.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw new IllegalArgumentException(
              "image-aliases names '" + name + "': expected one of " + names);
        });
    return new BuiltInImages(
        List.of(
            new BuiltInImage(
                TRAINING_IMAGE,
                aliases.getOrDefault(TRAINING_IMAGE, List.of()),
                training(),
                Map.of(
                    "MLP_CACHE_DIR", cacheDirectory.resolve("python").toString(),
                    "MLP_JAVACPP_CACHE", cacheDirectory.resolve("javacpp").toString(),
                    "MLP_TENSORFLOW_CLASSPATH",
                        home.resolve("training-container/target/lib").toString())),
            new BuiltInImage(
                INFERENCE_IMAGE,
                aliases.getOrDefault(INFERENCE_IMAGE, List.of()),
                inference(),
                Map.of())));
  }

  /** Started once per job, and done in a moment: the quickest compiler and collector. */
  private List<String> training() {
    Path target = home.resolve("training-container/target");
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(cached(target.resolve("entrypoint.aot")));
    command.addAll(
        List.of(
            "-cp",
            target.resolve("mlp-training-container.jar") + ":" + target.resolve("lib") + "/*",
            "dev.mlp.training.entrypoint.Main"));
    return command;
  }

  private List<String> inference() {
    Path target = home.resolve("inference-container/target");
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xms32m", "-Xmx512m"));
    command.addAll(cached(target.resolve("server.aot")));
    command.addAll(NATIVE_ACCESS);
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + cacheDirectory.resolve("javacpp"));
    command.addAll(
        List.of(
            "-cp",
            target.resolve("mlp-inference-container.jar") + ":" + target.resolve("lib") + "/*",
            "dev.mlp.inference.Main"));
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The cache only makes the start faster: where it is missing or stale, the program starts so. */
  private List<String> cached(Path aotCache) {
    if (recording) {
      return List.of("-XX:AOTCacheOutput=" + aotCache, "-Xlog:aot=off", "-Xlog:cds=off");
    }
    return Files.exists(aotCache)
        ? List.of("-XX:AOTCache=" + aotCache, "-Xlog:aot=off", "-Xlog:cds=off")
        : List.of();
  }
}
