package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The Python of the machine. */
record PythonInstallation(Path executable) {
  /** Version, place, and what is installed: packages that pip finds here it does not install. */
  private static final String FINGERPRINT =
      """
      import os, site, sys
      print(sys.version, sys.base_prefix, sys.executable)
      for folder in site.getsitepackages():
          if os.path.isdir(folder):
              print(*sorted(n for n in os.listdir(folder) if n.endswith(('.dist-info', '.egg-info'))))
      """;

  static PythonInstallation find(Map<String, String> environment) throws ClientErrorException {
    Path executable = Executables.find("python3", environment);
    if (executable == null) {
      executable = Executables.find("python", environment);
    }
    if (executable == null) {
      throw new ClientErrorException(
          "The program needs Python, and this image has none: no python3 on the PATH ("
              + environment.getOrDefault("PATH", "")
              + "). Use an image with Python, or a .jar or .sh program.");
    }
    return new PythonInstallation(executable);
  }

  /** A text that changes whenever an environment made from this Python would. */
  String fingerprint() throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(executable.toString(), "-c", FINGERPRINT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String fingerprint = new String(python.getInputStream().readAllBytes(), UTF_8);
    int exitCode = python.waitFor();
    if (exitCode != 0) {
      throw new IOException(executable + " cannot run: it exited with " + exitCode);
    }
    return fingerprint;
  }
}
