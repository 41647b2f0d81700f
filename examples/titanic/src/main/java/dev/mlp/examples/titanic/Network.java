package dev.mlp.examples.titanic;

import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** The variables of a network n-h-1 in a graph, with its forward pass. */
record Network(
    Variable<TFloat32> hidden,
    Variable<TFloat32> hiddenBias,
    Variable<TFloat32> output,
    Variable<TFloat32> outputBias) {

  /** Adds the variables to a graph; the session's first run gives them these weights. */
  static Network addTo(Ops tf, Weights weights) {
    long inputs = weights.inputs();
    long units = weights.units();
    return new Network(
        variable(tf, "hidden_weights", Shape.of(inputs, units), weights.hidden()),
        variable(tf, "hidden_bias", Shape.of(units), weights.hiddenBias()),
        variable(tf, "output_weights", Shape.of(units, 1), weights.output()),
        variable(tf, "output_bias", Shape.of(1), weights.outputBias()));
  }

  /**
   * A variable that starts as these values. It is a VariableV2: no other kind survives the export.
   */
  static Variable<TFloat32> variable(Ops tf, String name, Shape shape, float[] values) {
    Ops initial = tf.withInitScope();
    Variable<TFloat32> variable = initial.withName(name).variable(shape, TFloat32.class);
    initial.assign(variable, initial.constant(shape, DataBuffers.of(values)));
    return variable;
  }

  List<Variable<TFloat32>> variables() {
    return List.of(hidden, hiddenBias, output, outputBias);
  }

  /**
   * @param features of shape [-1, n]
   * @return of shape [-1, 1]; its sigmoid is the probability
   */
  Operand<TFloat32> logits(Ops tf, Operand<TFloat32> features) {
    Operand<TFloat32> activations =
        tf.nn.relu(tf.math.add(tf.linalg.matMul(features, hidden), hiddenBias));
    return tf.math.add(tf.linalg.matMul(activations, output), outputBias);
  }

  /**
   * @param features of shape [-1, n]
   * @return of shape [-1]
   */
  Operand<TFloat32> probabilities(Ops tf, Operand<TFloat32> features) {
    return tf.reshape(tf.math.sigmoid(logits(tf, features)), tf.constant(new int[] {-1}));
  }

  /** The variables' present values. */
  Weights read(Session session) {
    try (Result result =
        session.runner().fetch(hidden).fetch(hiddenBias).fetch(output).fetch(outputBias).run()) {
      return new Weights(
          Tensors.floats((TFloat32) result.get(0)),
          Tensors.floats((TFloat32) result.get(1)),
          Tensors.floats((TFloat32) result.get(2)),
          Tensors.floats((TFloat32) result.get(3)));
    }
  }

  /** The probabilities that these weights give to examples. */
  static float[] predict(Weights weights, Examples examples) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> features =
          tf.placeholder(
              TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, examples.width())));
      Operand<TFloat32> probabilities = addTo(tf, weights).probabilities(tf, features);
      try (Session session = new Session(graph, TensorFlowRuntime.DETERMINISTIC);
          TFloat32 rows = Tensors.of(examples.features(), examples.rows(), examples.width());
          Result result = session.runner().feed(features, rows).fetch(probabilities).run()) {
        return Tensors.floats((TFloat32) result.get(0));
      }
    }
  }
}
