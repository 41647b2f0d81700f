package dev.mlp.controlplane.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream's bytes into events. Where an event starts and ends depends on the bytes before it
 * alone, so every reader sees the same events at every time.
 */
final class LogFile implements AutoCloseable {
  /** Longer lines become several events, as CloudWatch's agents do it. */
  static final int MAX_EVENT_BYTES = 256 * 1024;

  /** What CloudWatch adds to each event's length when it counts a page. */
  private static final int EVENT_OVERHEAD_BYTES = 26;

  private static final int MAX_PAGE_BYTES = 1024 * 1024;
  private static final int BLOCK_BYTES = 2 * MAX_EVENT_BYTES;

  private final FileChannel channel;
  private final TimeIndex index;
  private final boolean closed;

  /** Which events a page may have: times from (inclusive) and until (exclusive), and how many. */
  record Window(@Nullable Instant from, @Nullable Instant until, int maxEvents) {}

  /**
   * @param closed nobody writes any more: the rest without a line break is a line
   */
  LogFile(Path file, TimeIndex index, boolean closed) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.index = index;
    this.closed = closed;
  }

  /** The events that start at the offset or later. */
  LogPage forward(long offset, Window window) throws IOException {
    long start = Math.min(offset, index.covered());
    if (window.from() != null) {
      start = Math.max(start, lineStart(index.before(window.from())));
    }
    List<LogEvent> events = new ArrayList<>();
    Cursor cursor = new Cursor(start, index.covered());
    long bytes = 0;
    long end = start;
    while (events.size() < window.maxEvents()) {
      LogEvent event = cursor.next();
      if (event == null || (window.until() != null && !event.time().isBefore(window.until()))) {
        break;
      }
      if (window.from() == null || !event.time().isBefore(window.from())) {
        bytes += counted(event);
        if (bytes > MAX_PAGE_BYTES && !events.isEmpty()) {
          break;
        }
        events.add(event);
      }
      end = event.end();
    }
    return new LogPage(events, start, end);
  }

  /** The last events that end at the offset or before. */
  LogPage backward(long offset, Window window) throws IOException {
    long limit = Math.min(offset, index.covered());
    if (window.until() != null) {
      limit = Math.min(limit, index.before(window.until()));
    }
    Deque<LogEvent> events = new ArrayDeque<>();
    long end = pageStart(limit, window.maxEvents());
    Cursor cursor = new Cursor(end, index.covered());
    long bytes = 0;
    while (true) {
      LogEvent event = cursor.next();
      if (event == null || event.end() > limit) {
        break;
      }
      end = event.end();
      if (window.from() != null && event.time().isBefore(window.from())) {
        continue;
      }
      events.add(event);
      bytes += counted(event);
      while (events.size() > window.maxEvents() || (bytes > MAX_PAGE_BYTES && events.size() > 1)) {
        bytes -= counted(events.removeFirst());
      }
    }
    LogEvent first = events.peekFirst();
    return new LogPage(List.copyOf(events), first == null ? end : first.offset(), end);
  }

  private static long counted(LogEvent event) {
    return event.end() - event.offset() + EVENT_OVERHEAD_BYTES;
  }

  /** The start of a line such that a full page of events lies between it and the offset. */
  private long pageStart(long offset, int maxEvents) throws IOException {
    int lines = 0;
    long high = offset;
    while (high > 0) {
      int length = (int) Math.min(high, 8192);
      byte[] block = read(high - length, length);
      for (int i = block.length - 1; i >= 0; i--) {
        if (block[i] == '\n') {
          long start = high - length + i + 1;
          // One line more than asked for: the last one may not be complete.
          if (lines > maxEvents || offset - start > MAX_PAGE_BYTES) {
            return start;
          }
          lines++;
        }
      }
      high -= length;
    }
    return 0;
  }

  /** The start of the line that the byte at this offset belongs to. */
  private long lineStart(long offset) throws IOException {
    return pageStart(offset, -1);
  }

  private byte[] read(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, offset + buffer.position());
      if (count < 0) {
        throw new IOException("the log ends at " + (offset + buffer.position()));
      }
    }
    return buffer.array();
  }

  /** Goes through events, from the start of one up to where the stream's bytes have a time. */
  private final class Cursor {
    private final long limit;
    private long blockStart;
    private byte[] block = new byte[0];
    private int position;

    Cursor(long start, long limit) {
      this.blockStart = start;
      this.limit = limit;
    }

    @Nullable LogEvent next() throws IOException {
      int newline = newline();
      if (newline < 0 && blockStart + block.length < limit) {
        blockStart += position;
        position = 0;
        block = read(blockStart, (int) Math.min(BLOCK_BYTES, limit - blockStart));
        newline = newline();
      }
      int available = block.length - position;
      if (newline >= 0) {
        return event(newline - position, newline + 1);
      }
      if (available > MAX_EVENT_BYTES) {
        int cut = characterStart(position + MAX_EVENT_BYTES);
        return event(cut - position, cut);
      }
      // The rest of a closed stream; or of an open one, whose line is still being written.
      return closed && available > 0 ? event(available, block.length) : null;
    }

    private LogEvent event(int length, int next) {
      String message = new String(block, position, length, StandardCharsets.UTF_8);
      long end = blockStart + next;
      LogEvent event = new LogEvent(blockStart + position, end, index.timeOf(end), message);
      position = next;
      return event;
    }

    /** The line break of the present line, -1 where it is not here or too far away. */
    private int newline() {
      int last = Math.min(block.length, position + MAX_EVENT_BYTES + 1);
      for (int i = position; i < last; i++) {
        if (block[i] == '\n') {
          return i;
        }
      }
      return -1;
    }

    private int characterStart(int cut) {
      for (int i = cut; i > cut - 4; i--) {
        if ((block[i] & 0xC0) != 0x80) {
          return i;
        }
      }
      return cut;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
