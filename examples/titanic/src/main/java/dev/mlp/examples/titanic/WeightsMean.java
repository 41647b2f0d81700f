package dev.mlp.examples.titanic;

/** The mean of several {@link Weights} of one shape. */
final class WeightsMean {

  private double[][] sums = new double[0][];
  private int count;

  void add(Weights weights) {
    float[][] parts = parts(weights);
    if (count == 0) {
      sums = new double[parts.length][];
      for (int p = 0; p < parts.length; p++) {
        sums[p] = new double[parts[p].length];
      }
    }
    for (int p = 0; p < parts.length; p++) {
      for (int i = 0; i < parts[p].length; i++) {
        sums[p][i] += parts[p][i];
      }
    }
    count++;
  }

  /**
   * @throws IllegalStateException if nothing was added
   */
  Weights get() {
    if (count == 0) {
      throw new IllegalStateException("no weights were added");
    }
    float[][] means = new float[sums.length][];
    for (int p = 0; p < means.length; p++) {
      means[p] = new float[sums[p].length];
      for (int i = 0; i < means[p].length; i++) {
        means[p][i] = (float) (sums[p][i] / count);
      }
    }
    return new Weights(means[0], means[1], means[2], means[3]);
  }

  private static float[][] parts(Weights weights) {
    return new float[][] {
      weights.hidden(), weights.hiddenBias(), weights.output(), weights.outputBias()
    };
  }
}
