package dev.mlp.examples.titanic;

/**
 * How good a model is on rows that it has not seen.
 *
 * @param accuracy the share of rows on the right side of the threshold
 */
record Evaluation(Roc roc, double auc, double accuracy) {

  static Evaluation of(float[] probabilities, int[] labels, float threshold) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += (probabilities[i] >= threshold ? 1 : 0) == labels[i] ? 1 : 0;
    }
    Roc roc = Roc.of(probabilities, labels);
    return new Evaluation(roc, roc.area(), (double) right / labels.length);
  }
}
