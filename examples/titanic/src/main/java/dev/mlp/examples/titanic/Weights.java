package dev.mlp.examples.titanic;

import java.util.Random;

/**
 * The weights of a network of one hidden layer: n-h-1.
 *
 * @param hidden of shape [n, h], row by row
 * @param hiddenBias of shape [h]
 * @param output of shape [h, 1]
 * @param outputBias of shape [1]
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Weights(float[] hidden, float[] hiddenBias, float[] output, float[] outputBias) {

  int inputs() {
    return hidden.length / hiddenBias.length;
  }

  int units() {
    return hiddenBias.length;
  }

  /** Glorot's uniform weights, and no biases. */
  static Weights initial(int inputs, int units, Random random) {
    return new Weights(
        glorot(inputs, units, random), new float[units], glorot(units, 1, random), new float[1]);
  }

  private static float[] glorot(int from, int to, Random random) {
    double limit = Math.sqrt(6.0 / (from + to));
    float[] weights = new float[from * to];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) ((2 * random.nextDouble() - 1) * limit);
    }
    return weights;
  }
}
