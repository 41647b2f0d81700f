package dev.mlp.sdk;

/**
 * The thread was interrupted while it waited. What was waited for goes on; the thread's interrupt
 * flag is set.
 */
public final class WaitInterruptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WaitInterruptedException(String waitedFor, InterruptedException cause) {
    super("interrupted while waiting for " + waitedFor, cause);
  }
}
