package dev.mlp.controlplane.artifact;

import java.util.Locale;
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
  private final long bytes;
  private final Consumer<String> listener;
  private final AtomicInteger objectsDone = new AtomicInteger();
  private final AtomicLong bytesDone = new AtomicLong();

  Transfer(int objects, long bytes, Consumer<String> listener) {
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
    listener.accept(text(objectsDone.get(), objects, bytesDone.get(), bytes));
  }

  /** Such as {@code 3 of 12 objects, 4.1 of 10 MiB}. */
  static String text(int objectsDone, int objects, long bytesDone, long bytes) {
    int unit = 0;
    double scale = 1;
    while (bytes / scale >= 1024 && unit < UNITS.length - 1) {
      scale *= 1024;
      unit++;
    }
    return "%d of %d %s, %s of %s %s"
        .formatted(
            objectsDone,
            objects,
            objects == 1 ? "object" : "objects",
            decimal(bytesDone / scale),
            decimal(bytes / scale),
            UNITS[unit]);
  }

  private static String decimal(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
