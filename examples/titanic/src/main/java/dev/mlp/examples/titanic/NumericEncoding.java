package dev.mlp.examples.titanic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * Numbers. A missing one counts as the median; all are bounded by what the training rows had,
 * because a network is linear outside of that and soon absurd. What is left becomes:
 *
 * <ul>
 *   <li>the standardised value;
 *   <li>steps, each rising from 0 to 1 between two neighbouring knots and constant elsewhere. With
 *       them a small network sees that a child differs from a youth, or the third class from the
 *       second, without first having to bend itself there. A column of few values has a knot at
 *       each, so that nothing is lost where its numbers are really names;
 *   <li>whether the value is missing, where the training rows have that.
 * </ul>
 *
 * @param median what a missing value counts as
 * @param knots ascending; the first and the last bound the value
 * @param missing whether a missing value has a feature of its own
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record NumericEncoding(
    String name, float median, float mean, float deviation, float[] knots, boolean missing)
    implements Encoding {

  private static final int QUANTILES = 4;
  private static final int INTERVALS = 8;

  /** A column of no more different values than this has a knot at each. */
  private static final int FEW_VALUES = 10;

  static NumericEncoding fit(Feature.Numeric feature, int[] rows) {
    float[] sorted = sortedPresent(feature.values(), rows);
    int absent = rows.length - sorted.length;
    if (sorted.length == 0) {
      return new NumericEncoding(feature.name(), 0, 0, 1, new float[] {0}, absent >= FEWEST_ROWS);
    }
    float median = quantile(sorted, 0.5);
    double sum = (double) median * absent;
    for (float value : sorted) {
      sum += value;
    }
    double mean = sum / rows.length;
    double squares = absent * (median - mean) * (median - mean);
    for (float value : sorted) {
      squares += (value - mean) * (value - mean);
    }
    float deviation = (float) Math.sqrt(squares / rows.length);
    return new NumericEncoding(
        feature.name(),
        median,
        (float) mean,
        deviation > 0 ? deviation : 1,
        knots(sorted),
        absent >= FEWEST_ROWS);
  }

  @Override
  public int width() {
    return knots.length + (missing ? 1 : 0); // the value, and a step less than there are knots
  }

  @Override
  public Nodes addTo(Ops tf, String operationName) {
    Placeholder<TFloat32> input = Encoding.input(tf, operationName, TFloat32.class);
    Operand<TFloat32> column = tf.expandDims(input, tf.constant(1));
    Operand<TBool> absent = tf.math.isNan(column);
    Operand<TFloat32> value =
        tf.clipByValue(
            tf.select(absent, tf.constant(median), column),
            tf.constant(knots[0]),
            tf.constant(knots[knots.length - 1]));
    List<Operand<TFloat32>> parts = new ArrayList<>();
    parts.add(tf.math.div(tf.math.sub(value, tf.constant(mean)), tf.constant(deviation)));
    if (knots.length > 1) {
      float[] from = Arrays.copyOf(knots, knots.length - 1);
      float[] rise = new float[from.length];
      for (int i = 0; i < rise.length; i++) {
        rise[i] = knots[i + 1] - knots[i];
      }
      parts.add(
          tf.clipByValue(
              tf.math.div(tf.math.sub(value, tf.constant(from)), tf.constant(rise)),
              tf.constant(0f),
              tf.constant(1f)));
    }
    if (missing) {
      parts.add(tf.dtypes.cast(absent, TFloat32.class));
    }
    return new Nodes(
        input, parts.size() == 1 ? parts.getFirst() : tf.concat(parts, tf.constant(1)));
  }

  private static float[] sortedPresent(float[] values, int[] rows) {
    float[] present = new float[rows.length];
    int n = 0;
    for (int row : rows) {
      if (!Float.isNaN(values[row])) {
        present[n++] = values[row];
      }
    }
    float[] sorted = Arrays.copyOf(present, n);
    Arrays.sort(sorted);
    return sorted;
  }

  /**
   * The values themselves where they are few; else quantiles, which follow the rows, and equal
   * intervals, which follow the scale. Each step has rows of its own.
   */
  private static float[] knots(float[] sorted) {
    TreeSet<Float> candidates = new TreeSet<>();
    for (int i = 0; i < sorted.length && candidates.size() <= FEW_VALUES; i++) {
      candidates.add(sorted[i]);
    }
    float low = sorted[0];
    float high = sorted[sorted.length - 1];
    if (candidates.size() > FEW_VALUES) {
      candidates.clear();
      for (int i = 0; i <= QUANTILES; i++) {
        candidates.add(quantile(sorted, (double) i / QUANTILES));
      }
      for (int i = 1; i < INTERVALS; i++) {
        candidates.add((float) (low + ((double) high - low) * i / INTERVALS));
      }
    }
    List<Float> knots = new ArrayList<>();
    knots.add(low);
    int below = rowsUpTo(sorted, low);
    for (float candidate : candidates.tailSet(low, false)) {
      int rows = rowsUpTo(sorted, candidate);
      if (rows - below >= FEWEST_ROWS
          && (sorted.length - rows >= FEWEST_ROWS || rows == sorted.length)) {
        knots.add(candidate);
        below = rows;
      }
    }
    if (knots.getLast() < high) {
      knots.add(high);
    }
    float[] result = new float[knots.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = knots.get(i);
    }
    return result;
  }

  private static int rowsUpTo(float[] sorted, float value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static float quantile(float[] sorted, double q) {
    double position = q * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return (float) (sorted[below] + (position - below) * ((double) sorted[above] - sorted[below]));
  }
}
