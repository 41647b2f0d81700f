package dev.mlp.controlplane.metrics;

import java.util.Arrays;

/**
 * The seconds of a series in which there were samples, of the last {@link #SECONDS}: 40 bytes each.
 * Not safe for use by several threads.
 */
final class SecondRing {
  /** How far it goes back: as long as CloudWatch keeps periods of less than a minute. */
  static final int SECONDS = 3 * 3600;

  private static final int FIELDS = 4;
  private static final int SMALLEST = 16;

  /** Takes one second. */
  @FunctionalInterface
  interface Visitor {
    void visit(long epochSecond, double count, double sum, double min, double max);
  }

  // Sorted; the points are those from `start` to `end`.
  private long[] seconds = new long[SMALLEST];
  private double[] values = new double[SMALLEST * FIELDS];
  private int start;
  private int end;

  void add(long second, double value, double weight) {
    if (start < end && second <= seconds[end - 1] - SECONDS) {
      return;
    }
    int at = end;
    while (at > start && seconds[at - 1] > second) {
      at--; // nearly always there at once: samples come in the order of time
    }
    if (at > start && seconds[at - 1] == second) {
      int field = (at - 1) * FIELDS;
      values[field] += weight;
      values[field + 1] += value * weight;
      values[field + 2] = Math.min(values[field + 2], value);
      values[field + 3] = Math.max(values[field + 3], value);
      return;
    }
    at -= makeRoom();
    System.arraycopy(seconds, at, seconds, at + 1, end - at);
    System.arraycopy(values, at * FIELDS, values, (at + 1) * FIELDS, (end - at) * FIELDS);
    end++;
    seconds[at] = second;
    int field = at * FIELDS;
    values[field] = weight;
    values[field + 1] = value * weight;
    values[field + 2] = value;
    values[field + 3] = value;
    forget(seconds[end - 1] - SECONDS);
  }

  /**
   * Makes room for one more at the end.
   *
   * @return how far everything has moved to the front
   */
  private int makeRoom() {
    if (end < seconds.length) {
      return 0;
    }
    int moved = start;
    if (start >= seconds.length / 2) {
      System.arraycopy(seconds, start, seconds, 0, end - start);
      System.arraycopy(values, start * FIELDS, values, 0, (end - start) * FIELDS);
    } else {
      int room = 2 * (end - start);
      seconds = Arrays.copyOf(Arrays.copyOfRange(seconds, start, end), room);
      values =
          Arrays.copyOf(Arrays.copyOfRange(values, start * FIELDS, end * FIELDS), room * FIELDS);
    }
    end -= start;
    start = 0;
    return moved;
  }

  /** Drops that second and those before it. */
  void forget(long second) {
    while (start < end && seconds[start] <= second) {
      start++;
    }
  }

  /** Drops all, and the memory. */
  void clear() {
    seconds = new long[SMALLEST];
    values = new double[SMALLEST * FIELDS];
    start = 0;
    end = 0;
  }

  /** Those in {@code [from, to)}, in order. */
  void visit(long from, long to, Visitor visitor) {
    for (int i = start; i < end; i++) {
      if (seconds[i] >= from && seconds[i] < to) {
        int field = i * FIELDS;
        visitor.visit(
            seconds[i], values[field], values[field + 1], values[field + 2], values[field + 3]);
      }
    }
  }

  /** What it has taken of the memory, in points of 40 bytes. */
  int capacity() {
    return seconds.length;
  }
}
