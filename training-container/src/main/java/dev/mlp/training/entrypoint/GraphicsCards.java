package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;

/** Counts NVIDIA's graphics cards as SageMaker's toolkit does: lines of {@code --list-gpus}. */
final class GraphicsCards {
  private GraphicsCards() {}

  /** Zero where the driver's tool is absent or fails. */
  static int count(Map<String, String> environment) throws InterruptedException {
    Path tool = Executables.find("nvidia-smi", environment);
    if (tool == null) {
      return 0;
    }
    try {
      Process listing =
          new ProcessBuilder(tool.toString(), "--list-gpus")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      int cards = 0;
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(listing.getInputStream(), UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          cards += line.startsWith("GPU ") ? 1 : 0;
        }
      }
      return listing.waitFor() == 0 ? cards : 0;
    } catch (IOException cannotRun) {
      return 0;
    }
  }
}
