package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/**
 * Lines of the entry point in the job's log, in UTF-8 whatever the container's locale. They go out
 * at once: the user's program writes to the same file.
 */
final class Log {
  private static final int INFO = 20;

  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
  private final PrintStream err =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
  private int level = INFO;

  /** Python's levels: above 20, information is left out. */
  void level(int newLevel) {
    level = newLevel;
  }

  void info(String line) {
    if (level <= INFO) {
      out.println(line);
    }
  }

  void error(String line) {
    err.println(line);
  }
}
