package dev.mlp.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures ours and a baseline in turn, so that a machine that slows down slows both. The ratio is
 * taken round by round, and reported with its spread.
 */
final class Interleaved {
  /** One measurement, in the unit that its row names. */
  @FunctionalInterface
  interface Measurement {
    double measure() throws Exception;
  }

  private final List<Double> ours = new ArrayList<>();
  private final List<Double> baselines = new ArrayList<>();

  /**
   * @param rounds counted rounds, after one that warms up and is not counted
   */
  static Interleaved run(int rounds, Measurement ours, Measurement baseline) throws Exception {
    Interleaved result = new Interleaved();
    ours.measure();
    baseline.measure();
    for (int round = 0; round < rounds; round++) {
      // Who goes first changes, so that neither always finds what the other left.
      if (round % 2 == 0) {
        result.ours.add(ours.measure());
        result.baselines.add(baseline.measure());
      } else {
        double first = baseline.measure();
        result.ours.add(ours.measure());
        result.baselines.add(first);
      }
    }
    return result;
  }

  /** A row of a Markdown table: what, ours, baseline, ratio median (min–max). */
  String row(String what, String unit) {
    double[] ratios = new double[ours.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours.get(i) / baselines.get(i);
    }
    Arrays.sort(ratios);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | **%.2f** (%.2f–%.2f) | %d |",
        what,
        figure(median(ours), unit),
        figure(median(baselines), unit),
        ratios[ratios.length / 2],
        ratios[0],
        ratios[ratios.length - 1],
        ratios.length);
  }

  static String header() {
    return "| what | ours | baseline | ours ÷ baseline, median (min–max) | rounds |\n"
        + "| --- | --- | --- | --- | --- |";
  }

  private static String figure(double value, String unit) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f %s" : "%,.0f %s", value, unit);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
