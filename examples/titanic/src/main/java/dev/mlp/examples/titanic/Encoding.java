package dev.mlp.examples.titanic;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * How one raw column becomes features for the network, as learnt from the training rows. Its
 * operations are part of the exported graph, and the training reads its features from the same
 * operations.
 */
sealed interface Encoding permits NumericEncoding, CategoricalEncoding {

  /** What fewer training rows have than this is too rare to have a feature of its own. */
  int FEWEST_ROWS = 3;

  /** The raw column. */
  String name();

  /** How many features the column becomes. */
  int width();

  /** Adds the column's operations to a graph; the input gets the operation's name. */
  Nodes addTo(Ops tf, String operationName);

  /**
   * @param input the raw column, of shape [-1]
   * @param features of shape [-1, width]
   */
  record Nodes(Placeholder<? extends TType> input, Operand<TFloat32> features) {}

  /** Learns a column's encoding from some of its rows. */
  static Encoding fit(Feature feature, int[] rows) {
    return switch (feature) {
      case Feature.Numeric numeric -> NumericEncoding.fit(numeric, rows);
      case Feature.Categorical categorical -> CategoricalEncoding.fit(categorical, rows);
    };
  }

  /** An input that takes one scalar per row: what TF Serving's row format needs. */
  static <T extends TType> Placeholder<T> input(Ops tf, String operationName, Class<T> type) {
    return tf.withName(operationName)
        .placeholder(type, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }
}
