package dev.mlp.training.entrypoint;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Runs one child process at a time and hands the signal to stop on to it. {@link #stop} may be
 * called from any thread, at any time; after it no further child is started.
 */
final class Foreground {
  private final Object lock = new Object();
  private @Nullable Process child;
  private boolean stopping;

  /**
   * Runs a process to its end, its output going to our own.
   *
   * @return its exit code; 128 and the signal's number where a signal ended it
   * @throws IOException when it cannot be started
   * @throws StoppedException when {@link #stop} was called before
   */
  int run(ProcessBuilder command) throws IOException, InterruptedException, StoppedException {
    Process started;
    synchronized (lock) {
      checkNotStopping();
      // Under the lock, or a signal in between would miss the child and never reach it.
      started = command.inheritIO().start();
      child = started;
    }
    int exitCode = started.waitFor();
    synchronized (lock) {
      child = null;
    }
    return exitCode;
  }

  void checkNotStopping() throws StoppedException {
    synchronized (lock) {
      if (stopping) {
        throw new StoppedException();
      }
    }
  }

  /** Sends SIGTERM to the child, which decides how it ends. */
  void stop() {
    synchronized (lock) {
      stopping = true;
      if (child != null) {
        child.destroy();
      }
    }
  }
}
