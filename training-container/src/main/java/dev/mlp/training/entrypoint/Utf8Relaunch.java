package dev.mlp.training.entrypoint;

import java.io.IOException;
import java.util.Map;

/**
 * Starts the entry point anew where the locale is plain ASCII.
 *
 * <p>Under {@code LANG=C} the JVM writes a question mark for every other character in arguments,
 * variables and paths, and nothing but the locale it started with can change that. Python, which
 * SageMaker's toolkit runs on, switches to {@code C.UTF-8} by itself (PEP 538), and its children
 * inherit that. Costs the start of a second JVM: set a UTF-8 locale to save it.
 */
final class Utf8Relaunch {
  private static final String DONE = "mlp.relaunched";

  private Utf8Relaunch() {}

  static boolean isNeeded() {
    String encoding = System.getProperty("sun.jnu.encoding", "");
    boolean isAscii = encoding.equals("ANSI_X3.4-1968") || encoding.equals("US-ASCII");
    return isAscii && System.getProperty(DONE) == null;
  }

  static int run(Foreground foreground, Map<String, String> environment)
      throws IOException, InterruptedException, StoppedException {
    ProcessBuilder command =
        new ProcessBuilder(
            Java.executable(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-D" + DONE + "=true",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "train");
    // LC_ALL, where set, overrides all others.
    String variable = environment.getOrDefault("LC_ALL", "").isEmpty() ? "LC_CTYPE" : "LC_ALL";
    command.environment().put(variable, "C.UTF-8");
    return foreground.run(command);
  }
}
