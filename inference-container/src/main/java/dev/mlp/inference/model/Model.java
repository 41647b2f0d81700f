package dev.mlp.inference.model;

import dev.mlp.inference.tensorflow.DataType;
import dev.mlp.inference.tensorflow.SavedModel;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** One loaded version of a model. Thread-safe. */
public final class Model implements AutoCloseable {
  private final String name;
  private final long version;
  private final SavedModel savedModel;
  private volatile long recentRunNanos = Long.MAX_VALUE;

  public Model(String name, long version, SavedModel savedModel) {
    this.name = name;
    this.version = version;
    this.savedModel = savedModel;
  }

  public String name() {
    return name;
  }

  public long version() {
    return version;
  }

  public Collection<Signature> signatures() {
    return savedModel.signatures();
  }

  public Optional<Signature> signature(String signatureName) {
    return savedModel.signature(signatureName);
  }

  /**
   * Runs the signature on a batch: one tensor per input, in the signature's order; one per output
   * comes back. Everything that answers predictions goes through here.
   *
   * @throws StatusException if TensorFlow refuses the inputs or fails
   */
  public List<Tensor> predict(Signature signature, List<Tensor> inputs) {
    long start = System.nanoTime();
    List<Tensor> outputs = savedModel.run(signature, inputs);
    long nanos = System.nanoTime() - start;
    long before = recentRunNanos;
    // The first run plans the graph and says nothing about the next one. Lost updates do no harm.
    recentRunNanos = before > nanos * 8 ? nanos * 8 : before + (nanos - before) / 8;
    return outputs;
  }

  /** How long a run took lately, in nanoseconds: a moving average over about eight runs. */
  public long recentRunNanos() {
    return recentRunNanos;
  }

  /**
   * Zeros in the shape of the default signature, as a batch of one: TensorFlow plans and optimises
   * the graph on its first run. Empty where the shape is open in more than the batch.
   */
  public Optional<List<Tensor>> sampleInputs() {
    Optional<Signature> signature = signature(Signature.DEFAULT_NAME);
    if (signature.isEmpty()) {
      return Optional.empty();
    }
    List<Tensor> inputs = new ArrayList<>();
    for (TensorSpec spec : signature.get().inputs()) {
      if (spec.shape().isEmpty() || !spec.type().isCarried()) {
        return Optional.empty();
      }
      List<Long> declared = spec.shape().get();
      long[] shape = declared.stream().mapToLong(Long::longValue).toArray();
      for (int axis = 0; axis < shape.length; axis++) {
        if (shape[axis] < 0 && axis > 0) {
          return Optional.empty();
        }
        shape[axis] = Math.abs(shape[axis]);
      }
      inputs.add(zeros(spec.type(), shape));
    }
    return Optional.of(inputs);
  }

  private static Tensor zeros(DataType type, long[] shape) {
    int elements = Math.toIntExact(Tensor.elements(shape));
    return type.isString()
        ? Tensor.ofStrings(shape, new byte[0], new int[elements])
        : Tensor.of(type, shape, new byte[Math.multiplyExact(elements, type.byteSize())]);
  }

  @Override
  public String toString() {
    return name + "/" + version;
  }

  @Override
  public void close() {
    savedModel.close();
  }
}
