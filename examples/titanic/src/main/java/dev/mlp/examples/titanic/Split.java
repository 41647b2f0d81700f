package dev.mlp.examples.titanic;

import dev.mlp.training.job.TrainingFailure;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows for training, for choosing the threshold, and for the final figures; each label has the same
 * share of all three.
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Split(int[] train, int[] validation, int[] test) {

  /**
   * One of a series of splits. The rows are shuffled and cut into as many test parts as there is
   * room for; each split of the series tests on the next, and when all have had their turn the rows
   * are shuffled anew. So over a full round each row is tested once, and the mean over a series
   * depends far less on the seed than that over as many independent splits.
   *
   * @param labels 0 or 1 per row
   * @param validationFraction of all rows
   * @param testFraction of all rows
   * @param index of the split in its series, from 0
   * @throws TrainingFailure if a part would lack a label
   */
  static Split of(
      int[] labels, double validationFraction, double testFraction, long seed, int index) {
    int parts = (int) Math.floor(1 / testFraction + 1e-9);
    Random random = new Random(seed + index / parts);
    IntStream.Builder train = IntStream.builder();
    IntStream.Builder validation = IntStream.builder();
    IntStream.Builder test = IntStream.builder();
    for (int label = 0; label <= 1; label++) {
      int wanted = label;
      int[] rows = IntStream.range(0, labels.length).filter(i -> labels[i] == wanted).toArray();
      shuffle(rows, random);
      double position = (double) rows.length * (index % parts) / parts;
      int start = nearest(position);
      int tests = nearest(position + rows.length * testFraction) - start;
      int validations = nearest(rows.length * validationFraction);
      if (tests == 0 || validations == 0 || rows.length - tests - validations <= 0) {
        throw new TrainingFailure(
            "%d of %d rows have the label %d: too few for a training, a validation (fraction %s) and a test split (fraction %s)"
                .formatted(rows.length, labels.length, label, validationFraction, testFraction));
      }
      for (int i = 0; i < rows.length; i++) {
        int row = rows[(start + i) % rows.length];
        (i < tests ? test : i < tests + validations ? validation : train).add(row);
      }
    }
    return new Split(sorted(train), sorted(validation), sorted(test));
  }

  static void shuffle(int[] values, Random random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }

  /** Rounds so that the end of one part is the start of the next, however the two were computed. */
  private static int nearest(double position) {
    return (int) Math.floor(position + 0.5 + 1e-9);
  }

  private static int[] sorted(IntStream.Builder rows) {
    int[] sorted = rows.build().toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
