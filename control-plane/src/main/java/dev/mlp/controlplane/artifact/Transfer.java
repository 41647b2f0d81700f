package dev.mlp.controlplane.artifact;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** How far a number of objects have come; tells a listener in words. Safe for many threads. */
final class Transfer {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final long REPORT_EVERY_BYTES = 1 << 20;
  private static final int MOST_OBJECT_REPORTS = 1000;

  private final int objects;
  private final OptionalLong bytes;
  private final Consumer<String> listener;
  private final AtomicInteger objectsDone = new AtomicInteger();
  private final AtomicLong bytesDone = new AtomicLong();

  Transfer(int objects, long bytes, Consumer<String> listener) {
    this(objects, OptionalLong.of(bytes), listener);
  }

  /**
   * @param bytes empty where nobody knows before the end
   */
  Transfer(int objects, OptionalLong bytes, Consumer<String> listener) {
    this.objects = objects;
    this.bytes = bytes;
    this.listener = listener;
    report();
  }

  /** One of the objects. */
  Part part(long size) {
    return new Part(size);
  }

  /** How far one object has come. */
  final class Part {
    private final long size;
    private final AtomicLong moved = new AtomicLong();
    private final AtomicBoolean done = new AtomicBoolean();

    private Part(long size) {
      this.size = size;
    }

    /** So many bytes of it are here; fewer than before when it is begun again. */
    void at(long count) {
      Transfer.this.moved(count - moved.getAndSet(count));
    }

    /** All of it is here; saying so again changes nothing. */
    void done() {
      at(size);
      if (done.compareAndSet(false, true)) {
        objectDone();
      }
    }
  }

  void moved(long count) {
    long after = bytesDone.addAndGet(count);
    if (after / REPORT_EVERY_BYTES != (after - count) / REPORT_EVERY_BYTES) {
      report();
    }
  }

  void objectDone() {
    int done = objectsDone.incrementAndGet();
    if (done == objects || done % Math.max(1, objects / MOST_OBJECT_REPORTS) == 0) {
      report();
    }
  }

  private void report() {
    listener.accept(
        bytes.isPresent()
            ? text(objectsDone.get(), objects, bytesDone.get(), bytes.getAsLong())
            : text(objectsDone.get(), objects, bytesDone.get()));
  }

  /** Such as {@code 3 of 12 objects, 4.1 of 10 MiB}. */
  static String text(int objectsDone, int objects, long bytesDone, long bytes) {
    int unit = unit(bytes);
    return "%s, %s of %s %s"
        .formatted(
            count(objectsDone, objects),
            decimal(bytesDone, unit),
            decimal(bytes, unit),
            UNITS[unit]);
  }

  /** Such as {@code 3 of 12 objects, 4.1 MiB}. */
  static String text(int objectsDone, int objects, long bytesDone) {
    int unit = unit(bytesDone);
    return "%s, %s %s"
        .formatted(count(objectsDone, objects), decimal(bytesDone, unit), UNITS[unit]);
  }

  private static String count(int done, int objects) {
    return "%d of %d %s".formatted(done, objects, objects == 1 ? "object" : "objects");
  }

  private static int unit(long bytes) {
    int unit = 0;
    while (bytes >>> (10 * (unit + 1)) > 0 && unit < UNITS.length - 1) {
      unit++;
    }
    return unit;
  }

  private static String decimal(long bytes, int unit) {
    String text = String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << (10 * unit)));
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
