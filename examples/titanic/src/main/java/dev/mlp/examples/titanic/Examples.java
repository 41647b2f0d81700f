package dev.mlp.examples.titanic;

/**
 * Encoded examples to train on.
 *
 * @param features of shape [rows, width], row by row
 * @param labels 0 or 1 per row
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Examples(int width, float[] features, int[] labels) {

  int rows() {
    return labels.length;
  }

  /** Some of the rows, in this order. */
  Examples select(int[] rows) {
    int[] selected = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      selected[i] = labels[rows[i]];
    }
    return new Examples(width, features(rows), selected);
  }

  float[] features(int[] rows) {
    float[] selected = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(features, rows[i] * width, selected, i * width, width);
    }
    return selected;
  }

  float[] labels(int[] rows) {
    float[] selected = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      selected[i] = labels[rows[i]];
    }
    return selected;
  }
}
