package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The Python of the machine. */
record PythonInstallation(Path executable) {
  /** Whether there is pip; version, place, and what is installed. */
  private static final String INSPECTION =
      """
      import importlib.util, os, site, sys
      print(importlib.util.find_spec('pip') is not None)
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

  /**
   * What matters to an environment on top of this Python.
   *
   * @param hasPip whether environments need no pip of their own
   * @param fingerprint changes whenever an environment would: with the version, the place, and the
   *     packages installed, which pip does not install again
   */
  record Inspection(boolean hasPip, String fingerprint) {}

  Inspection inspect() throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(executable.toString(), "-c", INSPECTION)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String told = new String(python.getInputStream().readAllBytes(), UTF_8);
    int exitCode = python.waitFor();
    if (exitCode != 0) {
      throw new IOException(executable + " cannot run: it exited with " + exitCode);
    }
    return new Inspection(told.startsWith("True"), told);
  }
}
