package dev.mlp.training.entrypoint;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Java that runs this entry point, and with it the user's jar. */
final class Java {
  private Java() {}

  static String executable() {
    return System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
  }

  /** What a program on tensorflow-java needs, and others do not notice. */
  static List<String> options(Map<String, String> environment) {
    List<String> options = new ArrayList<>();
    options.add("--enable-native-access=ALL-UNNAMED");
    options.add("--sun-misc-unsafe-memory-access=allow");
    // Unlimited: by default native memory past four times the heap is an OutOfMemoryError.
    options.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    String cache = environment.getOrDefault("MLP_JAVACPP_CACHE", "");
    if (!cache.isEmpty()) {
      options.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }
    return options;
  }
}
