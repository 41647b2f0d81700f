package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures again and again how much is in folders: one after another, on a thread of its own, so
 * that however many files there are, it is the disk of one reader.
 */
final class DiskWatch implements AutoCloseable {
  /** Wants to know. */
  @FunctionalInterface
  interface Listener {
    /** The folder has so much. */
    void measured(long bytes) throws IOException;
  }

  private static final Logger logger = LoggerFactory.getLogger(DiskWatch.class);

  /** The first look: soon, though not beside a start. */
  private static final Duration FIRST = Duration.ofSeconds(1);

  private final Duration interval;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("disk-watch").factory());

  /**
   * @param interval between two looks at one folder
   */
  DiskWatch(Duration interval) {
    this.interval = interval;
    thread.setRemoveOnCancelPolicy(true);
  }

  /**
   * Measures from now on, until cancelled.
   *
   * @param listener told each time; from the watch's thread
   */
  Future<?> watch(Path folder, Listener listener) {
    long first = Math.min(FIRST.toMillis(), interval.toMillis());
    return thread.scheduleWithFixedDelay(
        () -> look(folder, listener), first, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void look(Path folder, Listener listener) {
    try {
      listener.measured(measure(folder));
    } catch (IOException | RuntimeException e) {
      logger.warn("cannot tell how much is in {}", folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What the folder takes of its disk, in bytes: holes in files take nothing, and a file with
   * several names counts once. Java can tell neither.
   */
  static long measure(Path folder) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("du", "-skx", folder.toString())
            // Files that vanish meanwhile are named there.
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      process.waitFor();
      int tab = text.indexOf('\t');
      if (tab < 0) {
        throw new IOException("du tells nothing of " + folder);
      }
      return Long.parseLong(text.substring(0, tab)) * 1024;
    } finally {
      process.destroy();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
