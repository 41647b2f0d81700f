package dev.mlp.training.entrypoint;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds programs on the PATH, so that none is started in vain. */
final class Executables {
  private Executables() {}

  static @Nullable Path find(String name, Map<String, String> environment) {
    String path = environment.getOrDefault("PATH", "");
    int start = 0;
    while (start <= path.length()) {
      int end = path.indexOf(File.pathSeparatorChar, start);
      end = end < 0 ? path.length() : end;
      if (end > start) {
        Path file = Path.of(path.substring(start, end), name);
        if (Files.isExecutable(file) && !Files.isDirectory(file)) {
          return file.toAbsolutePath();
        }
      }
      start = end + 1;
    }
    return null;
  }
}
