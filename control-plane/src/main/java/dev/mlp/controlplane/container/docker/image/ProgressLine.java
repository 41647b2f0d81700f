package dev.mlp.controlplane.container.docker.image;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Progress: one line that changes on a terminal, a line for each new step elsewhere. */
final class ProgressLine implements Consumer<String>, AutoCloseable {
  private static final int WIDTH = 79;

  private final PrintStream err;
  private final boolean live;
  private String step = "";

  ProgressLine(PrintStream err, boolean live) {
    this.err = err;
    this.live = live;
  }

  /** Whether a file descriptor of this process is a terminal, asked of the kernel's own list. */
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public synchronized void accept(String text) {
    if (live) {
      err.print("\r\033[K" + (text.length() <= WIDTH ? text : text.substring(0, WIDTH - 1) + "…"));
      err.flush();
      return;
    }
    // Counted bytes make a new line only where a new count begins.
    String now = text.replaceAll("[0-9.]+ [kMGT]?B", "");
    if (!now.equals(step)) {
      step = now;
      err.println(text);
    }
  }

  @Override
  public synchronized void close() {
    if (live) {
      err.print("\r\033[K");
      err.flush();
    }
  }
}
