package dev.mlp.examples.titanic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.train.ApplyAdam;
import org.tensorflow.types.TFloat32;

/**
 * Fits a {@link Network} by Adam on minibatches. The result is the mean of the weights over the
 * second half of the epochs: they circle around a minimum, and their middle is nearer to it than
 * wherever the last step happens to end.
 */
final class Trainer {

  /** Hears how the training goes. */
  @FunctionalInterface
  interface Progress {
    /**
     * @param epoch from 1
     * @param loss the mean cross entropy of the epoch's batches
     * @param validation the curve on the validation rows, by the weights as they stand
     */
    void epoch(int epoch, double loss, Roc validation);
  }

  private final Settings settings;

  Trainer(Settings settings) {
    this.settings = settings;
  }

  Weights train(Examples train, Examples validation, long seed, Progress progress) {
    Random random = new Random(seed);
    Weights initial = Weights.initial(train.width(), settings.hidden(), random);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = rows(tf, train.width());
      Placeholder<TFloat32> y = rows(tf, 1);
      Network network = Network.addTo(tf, initial);
      Operand<TFloat32> logits = network.logits(tf, x);
      Operand<TFloat32> probabilities = tf.math.sigmoid(logits);
      Operand<TFloat32> loss =
          tf.math.mean(crossEntropy(tf, y, logits), tf.constant(new int[] {0, 1}));
      Operand<TFloat32> penalty =
          tf.math.mul(
              tf.constant((float) settings.l2()),
              tf.math.add(tf.nn.l2Loss(network.hidden()), tf.nn.l2Loss(network.output())));
      Op step = adam(graph, tf, tf.math.add(loss, penalty), network.variables());
      try (Session session = new Session(graph, TensorFlowRuntime.DETERMINISTIC);
          TFloat32 validationRows =
              Tensors.of(validation.features(), validation.rows(), validation.width())) {
        int[] order = new int[train.rows()];
        Arrays.setAll(order, i -> i);
        WeightsMean mean = new WeightsMean();
        for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
          Split.shuffle(order, random);
          double total = 0;
          for (int at = 0; at < order.length; at += settings.batchSize()) {
            int[] batch =
                Arrays.copyOfRange(order, at, Math.min(at + settings.batchSize(), order.length));
            try (TFloat32 features =
                    Tensors.of(train.features(batch), batch.length, train.width());
                TFloat32 labels = Tensors.of(train.labels(batch), batch.length, 1);
                Result result =
                    session
                        .runner()
                        .feed(x, features)
                        .feed(y, labels)
                        .addTarget(step)
                        .fetch(loss)
                        .run()) {
              total += (double) ((TFloat32) result.get(0)).getFloat() * batch.length;
            }
          }
          if (epoch > settings.epochs() / 2) {
            mean.add(network.read(session));
          }
          try (Result result =
              session.runner().feed(x, validationRows).fetch(probabilities).run()) {
            progress.epoch(
                epoch,
                total / order.length,
                Roc.of(Tensors.floats((TFloat32) result.get(0)), validation.labels()));
          }
        }
        return mean.get();
      }
    }
  }

  private static Placeholder<TFloat32> rows(Ops tf, int width) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, width)));
  }

  /** Sigmoid cross entropy, in the form that does not overflow. */
  private static Operand<TFloat32> crossEntropy(
      Ops tf, Operand<TFloat32> labels, Operand<TFloat32> logits) {
    return tf.math.add(
        tf.math.sub(tf.nn.relu(logits), tf.math.mul(logits, labels)),
        tf.math.log1p(tf.math.exp(tf.math.neg(tf.math.abs(logits)))));
  }

  private Op adam(Graph graph, Ops tf, Operand<TFloat32> loss, List<Variable<TFloat32>> variables) {
    Output<?>[] gradients =
        graph.addGradients(
            loss.asOutput(), variables.stream().map(Variable::asOutput).toArray(Output<?>[]::new));
    Variable<TFloat32> beta1Power =
        Network.variable(tf, "adam_beta1_power", Shape.scalar(), new float[] {0.9f});
    Variable<TFloat32> beta2Power =
        Network.variable(tf, "adam_beta2_power", Shape.scalar(), new float[] {0.999f});
    // Every gradient is computed before any variable moves, and the powers move last: else the
    // order, and so the result, is up to
    // the executor.
    Ops withAllGradients = tf.withControlDependencies(List.<Op>of(gradients));
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      Variable<TFloat32> variable = variables.get(i);
      String name = variable.op().name();
      Shape shape = variable.shape();
      float[] zeros = new float[(int) shape.size()];
      @SuppressWarnings("unchecked") // the gradient of a float variable is float
      Operand<TFloat32> gradient = (Operand<TFloat32>) gradients[i];
      updates.add(
          withAllGradients.train.applyAdam(
              variable,
              Network.variable(tf, name + "_m", shape, zeros),
              Network.variable(tf, name + "_v", shape, zeros),
              beta1Power,
              beta2Power,
              tf.constant((float) settings.learningRate()),
              tf.constant(0.9f),
              tf.constant(0.999f),
              tf.constant(1e-7f),
              gradient,
              ApplyAdam.useLocking(true)));
    }
    Ops withAllUpdates = tf.withControlDependencies(updates);
    Op next1 =
        withAllUpdates.assign(beta1Power, withAllUpdates.math.mul(beta1Power, tf.constant(0.9f)));
    Op next2 =
        withAllUpdates.assign(beta2Power, withAllUpdates.math.mul(beta2Power, tf.constant(0.999f)));
    return tf.withControlDependencies(List.of(next1, next2)).withName("train").noOp();
  }
}
