package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.artifact.StagingException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries transfers over moments in which the store is away. */
final class StoreRetries {
  private static final Logger logger = LoggerFactory.getLogger(StoreRetries.class);

  /** Between attempts. */
  private static final Duration[] PAUSES = {
    Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(15)
  };

  /** One attempt at a transfer; repeating it is harmless. */
  interface Transfer {
    void run() throws IOException, InterruptedException;
  }

  private StoreRetries() {}

  /**
   * Runs it until it succeeds, the attempts are used up, or its failure is final: missing, refused,
   * full, damaged.
   *
   * @param who for the log
   * @throws InterruptedException at an interrupt, also one that a transfer reports in its own way
   */
  static void run(String who, Transfer transfer) throws IOException, InterruptedException {
    for (int i = 0; ; i++) {
      try {
        transfer.run();
        return;
      } catch (StagingException | FileSystemException e) {
        throw e;
      } catch (IOException e) {
        // Not by the exception's type: a timeout of the connection is an InterruptedIOException
        // too.
        if (Thread.currentThread().isInterrupted()) {
          InterruptedException interrupted = new InterruptedException(e.getMessage());
          interrupted.initCause(e);
          throw interrupted;
        }
        if (i == PAUSES.length) {
          throw e;
        }
        logger.warn("{}: the store is away, trying again in {}: {}", who, PAUSES[i], e.toString());
        Thread.sleep(PAUSES[i]);
      }
    }
  }
}
