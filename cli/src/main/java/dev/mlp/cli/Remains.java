package dev.mlp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a server leaves behind in its data directory: the directory itself, and programs of
 * instances that die after it and may still write there.
 */
record Remains(Path directory) {
  private static final String BASE_FOLDER = "SAGEMAKER_BASE_DIR=";
  private static final Duration MOMENT = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 50;

  /**
   * Returns when no process works in the directory any more. Each has a moment to end by itself,
   * and is killed then.
   *
   * @throws IllegalStateException naming those that cannot be killed
   */
  void awaitProcesses() throws InterruptedException {
    long since = System.nanoTime();
    List<ProcessHandle> left = processes();
    while (!left.isEmpty()) {
      Duration waited = Duration.ofNanos(System.nanoTime() - since);
      if (waited.compareTo(LONGEST) > 0) {
        throw new IllegalStateException(
            "these processes do not end: " + left.stream().map(ProcessHandle::pid).toList());
      }
      if (waited.compareTo(MOMENT) > 0) {
        left.forEach(ProcessHandle::destroyForcibly);
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      left = processes();
    }
  }

  /** Deletes the directory; again, where something was written into it meanwhile. */
  void delete() throws InterruptedException {
    long since = System.nanoTime();
    while (true) {
      try {
        deleteOnce();
        return;
      } catch (IOException | UncheckedIOException e) {
        if (Duration.ofNanos(System.nanoTime() - since).compareTo(MOMENT) > 0) {
          throw new IllegalStateException(directory + ": " + e.getMessage(), e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  private void deleteOnce() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses().filter(this::worksHere).toList();
  }

  /** By the variable every program of an instance is started with, and hands on to its children. */
  private boolean worksHere(ProcessHandle process) {
    String environment;
    try {
      // Empty for a process that has ended and is not yet reaped.
      environment =
          Files.readString(
              Path.of("/proc", String.valueOf(process.pid()), "environ"),
              StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // It has just ended, or is somebody else's; or this system has no /proc.
      return false;
    }
    String inside =
        new String(
            (BASE_FOLDER + directory + "/").getBytes(StandardCharsets.UTF_8),
            StandardCharsets.ISO_8859_1);
    return Arrays.stream(environment.split("\0")).anyMatch(entry -> entry.startsWith(inside));
  }
}
