package dev.mlp.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What standard output and standard error are connected to.
 *
 * @param output whether results go to a terminal
 * @param errors whether progress goes to a terminal
 * @param colours whether colours are wanted there
 */
record Terminal(boolean output, boolean errors, boolean colours) {
  private static final int USUAL_WIDTH = 80;

  /** No terminal at all. */
  static final Terminal NONE = new Terminal(false, false, false);

  static Terminal detect(Map<String, String> environment) {
    boolean wanted =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Terminal(isTerminal(1), isTerminal(2), wanted);
  }

  /**
   * Asked of the kernel's own list of open files: java.io.Console knows only about all streams
   * together.
   */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The columns to write results in; without limit where nobody looks at them as they are. */
  int width(Map<String, String> environment) {
    if (!output) {
      return Integer.MAX_VALUE;
    }
    try {
      String columns = environment.get("COLUMNS");
      return columns == null ? askTheTerminal() : Integer.parseInt(columns);
    } catch (NumberFormatException e) {
      return USUAL_WIDTH;
    }
  }

  private static int askTheTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      int columns = Integer.parseInt(size.substring(size.indexOf(' ') + 1).strip());
      return columns > 0 ? columns : USUAL_WIDTH;
    } catch (IOException | NumberFormatException e) {
      return USUAL_WIDTH;
    }
  }

  /** The text in a colour, on a terminal that wants it. */
  String coloured(String text, Colour colour) {
    return output && colours ? "\033[" + colour.code + "m" + text + "\033[0m" : text;
  }

  /** A status in the colour of what it means. */
  String status(String status) {
    return switch (status) {
      case "Completed", "InService" -> coloured(status, Colour.GREEN);
      case "Failed", "OutOfService" -> coloured(status, Colour.RED);
      case "Stopped", "Stopping", "Deleting" -> coloured(status, Colour.YELLOW);
      default -> status;
    };
  }

  enum Colour {
    RED(31),
    GREEN(32),
    YELLOW(33),
    BOLD(1);

    private final int code;

    Colour(int code) {
      this.code = code;
    }
  }
}
