package dev.mlp.examples.titanic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * The receiver operating characteristic of scores: what share of the positives and of the negatives
 * lies at or above each threshold.
 *
 * @param points from (0, 0) to (1, 1), one per distinct score
 */
record Roc(List<Point> points) {

  /**
   * @param threshold the rates hold for "score ≥ threshold"; infinite at the origin
   */
  record Point(float threshold, double truePositiveRate, double falsePositiveRate) {

    /** Youden's index: how far the point is above the diagonal. */
    double gain() {
      return truePositiveRate - falsePositiveRate;
    }
  }

  Roc {
    points = List.copyOf(points);
  }

  /**
   * @param labels 0 or 1; both occur
   */
  static Roc of(float[] scores, int[] labels) {
    int[] once = new int[scores.length];
    Arrays.fill(once, 1);
    return of(scores, labels, descending(scores), once);
  }

  /**
   * @param order the rows by descending score
   * @param times how often each row counts
   */
  private static Roc of(float[] scores, int[] labels, int[] order, int[] times) {
    int positives = 0;
    int negatives = 0;
    for (int i = 0; i < labels.length; i++) {
      positives += labels[i] * times[i];
      negatives += (1 - labels[i]) * times[i];
    }
    if (positives == 0 || negatives == 0) {
      throw new IllegalArgumentException("a ROC curve needs rows of both labels");
    }
    List<Point> points = new ArrayList<>();
    points.add(new Point(Float.POSITIVE_INFINITY, 0, 0));
    int above = 0;
    int wrong = 0;
    for (int i = 0; i < order.length; i++) {
      int row = order[i];
      above += labels[row] * times[row];
      wrong += (1 - labels[row]) * times[row];
      if (i == order.length - 1 || scores[order[i + 1]] != scores[row]) {
        points.add(new Point(scores[row], (double) above / positives, (double) wrong / negatives));
      }
    }
    return new Roc(points);
  }

  private static int[] descending(float[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> scores[i]).reversed());
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  /**
   * The area under the curve: how probable it is that a positive scores above a negative, a tie
   * counting half. Exact.
   */
  double area() {
    double area = 0;
    for (int i = 1; i < points.size(); i++) {
      Point from = points.get(i - 1);
      Point to = points.get(i);
      area +=
          (to.falsePositiveRate - from.falsePositiveRate)
              * (to.truePositiveRate + from.truePositiveRate)
              / 2;
    }
    return area;
  }

  /** The point that a threshold leads to, whether a score lies exactly at it or not. */
  Point at(float threshold) {
    Point at = points.getFirst();
    for (Point point : points) {
      if (point.threshold() >= threshold) {
        at = point;
      }
    }
    return at;
  }

  /**
   * The threshold that maximises the true positive rate less the false positive rate. It lies
   * halfway down to the next lower score: new scores that fall between the two belong to neither
   * side. Of equal maxima the one with the fewest false positives counts.
   */
  float bestThreshold() {
    int best = 1;
    for (int i = 2; i < points.size(); i++) {
      if (points.get(i).gain() > points.get(best).gain()) {
        best = i;
      }
    }
    float at = points.get(best).threshold();
    if (best == points.size() - 1) {
      return at;
    }
    float next = points.get(best + 1).threshold();
    float middle = (float) (((double) at + next) / 2);
    return middle > next ? middle : at;
  }

  /**
   * The mean of {@link #bestThreshold} over resamples of the rows. The curve of a few hundred rows
   * is a staircase, and which of its steps is the highest is half luck; resampling asks every row
   * many times over, and the mean serves new rows better.
   *
   * @param resamples how many; 0 asks for the plain {@link #bestThreshold} of the rows as they are
   */
  static float bestThreshold(float[] scores, int[] labels, int resamples, long seed) {
    if (resamples == 0) {
      return of(scores, labels).bestThreshold();
    }
    Random random = new Random(seed);
    int[] order = descending(scores);
    double sum = 0;
    int taken = 0;
    while (taken < resamples) {
      int[] times = new int[scores.length];
      int positives = 0;
      for (int i = 0; i < times.length; i++) {
        int row = random.nextInt(times.length);
        times[row]++;
        positives += labels[row];
      }
      if (positives > 0 && positives < times.length) {
        sum += of(scores, labels, order, times).bestThreshold();
        taken++;
      }
    }
    return (float) (sum / taken);
  }
}
