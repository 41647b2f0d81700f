package dev.mlp.controlplane.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;

/** Writes down when a stream grew, for as long as it may. */
final class GrowingStream {
  private final Path file;
  private final Path indexFile;
  private final Clock clock;
  // Held while a few bytes go to a local file: the index must have one writer at a time, in order.
  private final Object lock = new Object();
  private int entries;
  private long covered;
  private long lastMillis;

  GrowingStream(Path file, Path indexFile, Clock clock) throws IOException {
    this.file = file;
    this.indexFile = indexFile;
    this.clock = clock;
    TimeIndex index = TimeIndex.load(indexFile);
    this.entries = index.entries();
    this.covered = index.covered();
    this.lastMillis = index.lastMillis();
  }

  /**
   * Gives what has been written since the last look the time of the file's last change: that is a
   * moment ago while the server runs, and the truth when it was down.
   */
  void observe() throws IOException {
    synchronized (lock) {
      BasicFileAttributes attributes;
      try {
        attributes = Files.readAttributes(file, BasicFileAttributes.class);
      } catch (NoSuchFileException _) {
        return;
      }
      if (attributes.size() <= covered) {
        return;
      }
      long changed = Math.min(attributes.lastModifiedTime().toMillis(), clock.millis());
      long millis = Math.max(lastMillis, changed);
      TimeIndex.append(indexFile, entries, attributes.size(), millis);
      entries++;
      covered = attributes.size();
      lastMillis = millis;
    }
  }
}
