package dev.mlp.benchmarks;

import java.nio.file.Path;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** A network 9-32-1 with random weights: small enough that everything around it shows. */
final class MlpModel {
  static final int INPUTS = 9;

  private MlpModel() {}

  /** Writes it as version 1 below the folder; run in a process of its own. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).resolve("1");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, INPUTS)));
      Operand<TFloat32> hidden =
          tf.nn.relu(
              tf.math.add(
                  tf.linalg.matMul(x, weights(tf, "w1", INPUTS, 32)), weights(tf, "b1", 32)));
      Operand<TFloat32> y =
          tf.math.sigmoid(
              tf.math.add(
                  tf.linalg.matMul(hidden, weights(tf, "w2", 32, 1)), weights(tf, "b2", 1)));
      SavedModelBundle.exporter(folder.toString())
          .withSession(session)
          .withSignature(
              Signature.builder()
                  .key("serving_default")
                  .methodName("tensorflow/serving/predict")
                  .input("x", x)
                  .output("probability", y)
                  .build())
          .export();
    }
  }

  private static Variable<TFloat32> weights(Ops tf, String name, long... shape) {
    Ops init = tf.withInitScope();
    Variable<TFloat32> variable = init.withName(name).variable(Shape.of(shape), TFloat32.class);
    init.assign(
        variable,
        init.random.statelessRandomUniform(
            init.constant(shape), init.constant(new long[] {7, name.hashCode()}), TFloat32.class));
    return variable;
  }
}
