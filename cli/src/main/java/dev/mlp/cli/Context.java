package dev.mlp.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command knows of the world around it.
 *
 * @param out results, and nothing else
 * @param err progress, hints and errors
 * @param environment the process's variables
 * @param terminal what the two streams are connected to
 */
record Context(
    PrintStream out, PrintStream err, Map<String, String> environment, Terminal terminal) {

  /** The installation's folder: {@code MLP_HOME}, else as the launcher passes it on. */
  Path home() {
    String home = environment.getOrDefault("MLP_HOME", System.getProperty("mlp.home"));
    if (home == null) {
      throw new CommandFailure(
          "where mlp is installed is not known: start it by the launcher, ./mlp");
    }
    return Path.of(home);
  }
}
