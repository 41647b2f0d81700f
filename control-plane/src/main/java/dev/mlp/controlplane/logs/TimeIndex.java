package dev.mlp.controlplane.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * When a stream's bytes were seen: entries (end offset, time), both rising. What ends at or before
 * an entry's offset, and after the one before, has the entry's time. Entries are only ever added,
 * so a line keeps the time that it was once shown with.
 */
final class TimeIndex {
  private static final int ENTRY_BYTES = 2 * Long.BYTES;

  /** What lies before the offset {@code end} was seen at {@code millis} since the epoch. */
  record Entry(long end, long millis) {}

  private final long[] ends;
  private final long[] millis;

  private TimeIndex(long[] ends, long[] millis) {
    this.ends = ends;
    this.millis = millis;
  }

  /** Reads the file; an entry that a crash cut short does not count. */
  static TimeIndex load(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException _) {
      bytes = new byte[0];
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int entries = bytes.length / ENTRY_BYTES;
    long[] ends = new long[entries];
    long[] millis = new long[entries];
    for (int i = 0; i < entries; i++) {
      ends[i] = buffer.getLong();
      millis[i] = buffer.getLong();
    }
    return new TimeIndex(ends, millis);
  }

  /** The first entries of this one, and what could not be written behind them. */
  TimeIndex withUnwritten(int written, List<Entry> unwritten) {
    long[] allEnds = Arrays.copyOf(ends, written + unwritten.size());
    long[] allMillis = Arrays.copyOf(millis, written + unwritten.size());
    for (int i = 0; i < unwritten.size(); i++) {
      allEnds[written + i] = unwritten.get(i).end();
      allMillis[written + i] = unwritten.get(i).millis();
    }
    return new TimeIndex(allEnds, allMillis);
  }

  /** Adds an entry behind the {@code entries} that are there, over what a crash cut short. */
  static void append(Path file, int entries, Entry added) throws IOException {
    ByteBuffer entry =
        ByteBuffer.allocate(ENTRY_BYTES).putLong(added.end()).putLong(added.millis()).flip();
    try (var channel =
        Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.position((long) entries * ENTRY_BYTES);
      while (entry.hasRemaining()) {
        channel.write(entry);
      }
    }
  }

  int entries() {
    return ends.length;
  }

  /** How many bytes of the stream have a time. */
  long covered() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  /** The time of the newest entry, in epoch milliseconds; 0 without one. */
  long lastMillis() {
    return millis.length == 0 ? 0 : millis[millis.length - 1];
  }

  /** The time of the oldest entry, in epoch milliseconds; 0 without one. */
  long firstMillis() {
    return millis.length == 0 ? 0 : millis[0];
  }

  /** When the event that ends here (at most {@link #covered}) was seen. */
  Instant timeOf(long end) {
    int found = Arrays.binarySearch(ends, end);
    return Instant.ofEpochMilli(millis[found >= 0 ? found : -found - 1]);
  }

  /** An offset with this property: what ends behind it has this time or a later one. */
  long before(Instant time) {
    long wanted = time.toEpochMilli();
    int low = 0;
    int high = millis.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (millis[middle] < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? 0 : ends[low - 1];
  }
}
