package dev.mlp.controlplane.metrics;

/**
 * What is kept of many samples. Adds up: the aggregate of two sets is the merge of theirs. Not safe
 * for use by several threads.
 */
final class Aggregate {
  private double count;
  private double sum;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private final Sketch sketch;

  Aggregate() {
    this(new Sketch());
  }

  private Aggregate(Sketch sketch) {
    this.sketch = sketch;
  }

  /** As it was kept somewhere. */
  static Aggregate of(double count, double sum, double min, double max, Sketch sketch) {
    Aggregate aggregate = new Aggregate(sketch);
    aggregate.count = count;
    aggregate.sum = sum;
    aggregate.min = min;
    aggregate.max = max;
    return aggregate;
  }

  void add(double value, double weight) {
    summarize(weight, value * weight, value, value);
    sketch.add(value, weight);
  }

  /** Counts samples of which nothing else is known: there are no percentiles of them. */
  void summarize(double samples, double total, double smallest, double largest) {
    count += samples;
    sum += total;
    min = Math.min(min, smallest);
    max = Math.max(max, largest);
  }

  void merge(Aggregate other) {
    summarize(other.count, other.sum, other.min, other.max);
    sketch.merge(other.sketch);
  }

  Aggregate copy() {
    return of(count, sum, min, max, sketch.copy());
  }

  double count() {
    return count;
  }

  double sum() {
    return sum;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  double average() {
    return sum / count;
  }

  Sketch sketch() {
    return sketch;
  }

  /** Whether the distribution of every sample is known. */
  boolean hasPercentiles() {
    return sketch.count() >= count * (1 - 1e-6);
  }

  /**
   * A percentile, never outside of what was measured.
   *
   * @param share 0 to 1
   */
  double percentile(double share) {
    return Math.clamp(sketch.quantile(share), min, max);
  }
}
