package dev.mlp.examples.titanic;

import java.util.List;

/**
 * A raw column that the model takes, one input of the endpoint, with its values in the rows of the
 * file.
 */
sealed interface Feature {

  String name();

  /** How many rows lack a value. */
  int missing();

  /**
   * @param values one per row, NaN where it is missing
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
  record Numeric(String name, float[] values) implements Feature {
    @Override
    public int missing() {
      int missing = 0;
      for (float value : values) {
        missing += Float.isNaN(value) ? 1 : 0;
      }
      return missing;
    }
  }

  /**
   * @param values one per row, empty where it is missing
   */
  record Categorical(String name, List<String> values) implements Feature {
    public Categorical {
      values = List.copyOf(values);
    }

    /** How many different values there are, missing ones apart. */
    int distinct() {
      return (int) values.stream().filter(value -> !value.isEmpty()).distinct().count();
    }

    @Override
    public int missing() {
      return (int) values.stream().filter(String::isEmpty).count();
    }
  }
}
