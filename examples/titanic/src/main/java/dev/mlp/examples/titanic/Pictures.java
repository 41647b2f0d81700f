package dev.mlp.examples.titanic;

import java.util.List;
import java.util.Locale;

/** The two pictures of a run, both of its test split. */
final class Pictures {

  private static final int BINS = 20;

  private Pictures() {}

  /** The ROC curve, with the place of the chosen threshold on it. */
  static Plot roc(Run run, Lettering lettering) {
    Plot plot =
        new Plot(
            "ROC curve on the test split",
            "false positive rate",
            "true positive rate",
            1,
            1,
            lettering);
    plot.dashed(0, 0, 1, 1, Plot.GREY);
    Roc roc = run.test().roc();
    plot.line(
        roc.points().stream().mapToDouble(Roc.Point::falsePositiveRate).toArray(),
        roc.points().stream().mapToDouble(Roc.Point::truePositiveRate).toArray(),
        Plot.BLUE,
        3);
    Roc.Point chosen = roc.at(run.model().threshold());
    plot.dot(chosen.falsePositiveRate(), chosen.truePositiveRate(), Plot.ORANGE);
    plot.legend(
        0.56,
        0.24,
        List.of(
            new Plot.Entry(
                Plot.BLUE, String.format(Locale.ROOT, "model, AUC %.4f", run.test().auc())),
            new Plot.Entry(
                Plot.ORANGE,
                String.format(
                    Locale.ROOT,
                    "threshold %.3f, accuracy %.3f",
                    run.model().threshold(),
                    run.test().accuracy())),
            new Plot.Entry(Plot.GREY, "chance, AUC 0.5")));
    return plot;
  }

  /** How the probabilities of both labels are distributed. */
  static Plot histogram(Run run, int[] labels, Lettering lettering) {
    int[][] counts = new int[2][BINS];
    int[] rows = new int[2];
    for (int row : run.split().test()) {
      int bin = Math.min(BINS - 1, (int) (run.probabilities()[row] * BINS));
      counts[labels[row]][bin]++;
      rows[labels[row]]++;
    }
    int highest = 0;
    for (int[] ofLabel : counts) {
      for (int count : ofLabel) {
        highest = Math.max(highest, count);
      }
    }
    double top = roundTop(highest);
    Plot plot =
        new Plot(
            "Predictions on the test split",
            "predicted probability of label 1",
            "rows",
            top,
            0,
            lettering);
    double width = 1.0 / BINS;
    for (int bin = 0; bin < BINS; bin++) {
      double middle = (bin + 0.5) * width;
      plot.bar(middle - 0.43 * width, middle - 0.01 * width, counts[0][bin], Plot.BLUE);
      plot.bar(middle + 0.01 * width, middle + 0.43 * width, counts[1][bin], Plot.ORANGE);
    }
    double threshold = run.model().threshold();
    plot.dashed(threshold, 0, threshold, top, Plot.GREY);
    plot.legend(
        0.56,
        top * 0.97,
        List.of(
            new Plot.Entry(Plot.BLUE, String.format(Locale.ROOT, "label 0 (%d rows)", rows[0])),
            new Plot.Entry(Plot.ORANGE, String.format(Locale.ROOT, "label 1 (%d rows)", rows[1])),
            new Plot.Entry(Plot.GREY, String.format(Locale.ROOT, "threshold %.3f", threshold))));
    return plot;
  }

  /** The next number above the highest bar that the axis divides into five round parts. */
  private static double roundTop(int highest) {
    for (double magnitude = 1; ; magnitude *= 10) {
      for (int step : new int[] {1, 2, 3, 4, 5, 6, 8}) {
        if (5 * step * magnitude > highest * 1.02) {
          return 5 * step * magnitude;
        }
      }
    }
  }
}
