package dev.mlp.controlplane.metrics;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How values are distributed: counts in bins whose bounds grow by a constant factor, so that every
 * quantile is right to one per cent of its value, however many values there are. Sketches add up:
 * merging two gives the sketch of both sets of values.
 *
 * <p>After Masson, Rim and Lee, <i>DDSketch</i> (VLDB 2019). Not safe for use by several threads.
 */
final class Sketch {
  /** Of a quantile, relative to its value. */
  static final double ACCURACY = 0.01;

  /** Past so many bins those of the smallest magnitudes are counted as one. */
  static final int MAX_BINS = 2048;

  /** Nearer to zero than this is zero. */
  static final double SMALLEST = 1e-12;

  private static final double GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
  private static final double LOG_GAMMA = Math.log(GAMMA);
  private static final byte VERSION = 1;

  // Bin i holds the magnitudes in (gamma^(i-1), gamma^i].
  private final NavigableMap<Integer, Double> positive = new TreeMap<>();
  private final NavigableMap<Integer, Double> negative = new TreeMap<>();
  private double zeros;

  /** Counts a finite value, {@code weight} times. */
  void add(double value, double weight) {
    double magnitude = Math.abs(value);
    if (magnitude < SMALLEST) {
      zeros += weight;
    } else {
      add(value > 0 ? positive : negative, bin(magnitude), weight);
    }
  }

  void merge(Sketch other) {
    zeros += other.zeros;
    other.positive.forEach((bin, weight) -> add(positive, bin, weight));
    other.negative.forEach((bin, weight) -> add(negative, bin, weight));
  }

  double count() {
    return zeros + sum(positive) + sum(negative);
  }

  /**
   * The value that a share of all values is not above.
   *
   * @param share 0 to 1
   * @throws IllegalStateException when there are no values
   */
  double quantile(double share) {
    double count = count();
    if (count <= 0) {
      throw new IllegalStateException("a quantile of no values");
    }
    // Counted from the smallest, as Math.floor(share * (count - 1)) counts in a sorted list.
    double rank = share * Math.max(count - 1, 0);
    double seen = 0;
    for (Map.Entry<Integer, Double> bin : negative.descendingMap().entrySet()) {
      seen += bin.getValue();
      if (seen > rank) {
        return -middle(bin.getKey());
      }
    }
    seen += zeros;
    if (seen > rank) {
      return 0;
    }
    for (Map.Entry<Integer, Double> bin : positive.entrySet()) {
      seen += bin.getValue();
      if (seen > rank) {
        return middle(bin.getKey());
      }
    }
    // Only the rounding of sums leads here.
    return positive.isEmpty()
        ? zeros > 0 ? 0 : -middle(negative.firstKey())
        : middle(positive.lastKey());
  }

  Sketch copy() {
    Sketch copy = new Sketch();
    copy.merge(this);
    return copy;
  }

  /** A few bytes per bin. */
  byte[] encode() {
    ByteBuffer out =
        ByteBuffer.allocate(
            1
                + Double.BYTES
                + 2 * Integer.BYTES
                + (positive.size() + negative.size()) * (Integer.BYTES + Double.BYTES));
    out.put(VERSION).putDouble(zeros);
    write(out, positive);
    write(out, negative);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /**
   * Reads what {@link #encode} gave.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Sketch decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.remaining() < 1 || in.get() != VERSION) {
      throw new IllegalArgumentException("a sketch of another version");
    }
    Sketch sketch = new Sketch();
    sketch.zeros = in.getDouble();
    read(in, sketch.positive);
    read(in, sketch.negative);
    return sketch;
  }

  // Counts are small whole numbers nearly always: a float holds them, and halves the row.
  private static void write(ByteBuffer out, NavigableMap<Integer, Double> bins) {
    out.putShort((short) bins.size());
    bins.forEach((bin, weight) -> out.putShort(bin.shortValue()).putFloat(weight.floatValue()));
  }

  private static void read(ByteBuffer in, NavigableMap<Integer, Double> bins) {
    int size = in.getShort();
    for (int i = 0; i < size; i++) {
      int bin = in.getShort();
      bins.put(bin, (double) in.getFloat());
    }
  }

  private static void add(NavigableMap<Integer, Double> bins, int bin, double weight) {
    bins.merge(bin, weight, Double::sum);
    if (bins.size() > MAX_BINS) {
      Map.Entry<Integer, Double> smallest = bins.pollFirstEntry();
      bins.merge(bins.firstKey(), smallest.getValue(), Double::sum);
    }
  }

  private static double sum(NavigableMap<Integer, Double> bins) {
    double sum = 0;
    for (double weight : bins.values()) {
      sum += weight;
    }
    return sum;
  }

  private static int bin(double magnitude) {
    double bin = Math.ceil(Math.log(magnitude) / LOG_GAMMA);
    return (int) Math.clamp(bin, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  /** As far from the bin's lower bound as from its upper, relative to either. */
  private static double middle(int bin) {
    return 2 * Math.exp(bin * LOG_GAMMA) / (GAMMA + 1);
  }
}
