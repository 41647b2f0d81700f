package dev.mlp.controlplane.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down when a stream grew, for as long as it may. */
final class GrowingStream {
  private static final Logger logger = LoggerFactory.getLogger(GrowingStream.class);

  private final Path file;
  private final Path indexFile;
  private final Clock clock;
  // Held while a few bytes go to a local file: the index must have one writer at a time, in order.
  private final Object lock = new Object();
  private int written;
  // Where the disk is full, times are kept here until they can be written.
  private final Deque<TimeIndex.Entry> unwritten = new ArrayDeque<>();
  private boolean complained;
  private long covered;
  private long lastMillis;

  GrowingStream(Path file, Path indexFile, Clock clock) throws IOException {
    this.file = file;
    this.indexFile = indexFile;
    this.clock = clock;
    TimeIndex index = TimeIndex.load(indexFile);
    this.written = index.entries();
    this.covered = index.covered();
    this.lastMillis = index.lastMillis();
  }

  /**
   * Gives what has been written since the last look the time of the file's last change: that is a
   * moment ago while the server runs, and the truth when it was down. A time that cannot be written
   * is kept, and written at a later look.
   */
  void observe() throws IOException {
    synchronized (lock) {
      BasicFileAttributes attributes;
      try {
        attributes = Files.readAttributes(file, BasicFileAttributes.class);
      } catch (NoSuchFileException _) {
        return;
      }
      if (attributes.size() > covered) {
        long changed = Math.min(attributes.lastModifiedTime().toMillis(), clock.millis());
        covered = attributes.size();
        lastMillis = Math.max(lastMillis, changed);
        unwritten.add(new TimeIndex.Entry(covered, lastMillis));
      }
      write();
    }
  }

  private void write() {
    try {
      while (!unwritten.isEmpty()) {
        TimeIndex.append(indexFile, written, unwritten.getFirst());
        written++;
        unwritten.removeFirst();
      }
      complained = false;
    } catch (IOException e) {
      if (!complained) {
        logger.warn("cannot write {}; its times are kept in memory until it can be", indexFile, e);
      }
      complained = true;
    }
  }

  /** Whether nothing would be lost with this object. */
  boolean isWritten() {
    synchronized (lock) {
      return unwritten.isEmpty();
    }
  }

  /** The stream's times up to the last look, whether they could be written or not. */
  TimeIndex index() throws IOException {
    synchronized (lock) {
      TimeIndex stored = TimeIndex.load(indexFile);
      return unwritten.isEmpty() ? stored : stored.withUnwritten(written, List.copyOf(unwritten));
    }
  }
}
