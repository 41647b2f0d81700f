package dev.mlp.inference.predict;

import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.Tensor;
import java.util.List;

/**
 * A request, read.
 *
 * @param format the form it came in, which is the form of its answer
 * @param inputs one for each of the signature's inputs, in their order
 */
record PredictRequest(Format format, Signature signature, List<Tensor> inputs) {
  /** The two forms of TensorFlow Serving's JSON. */
  enum Format {
    /** {@code instances} and {@code predictions}: a list with one entry per row of the batch. */
    ROW,
    /** {@code inputs} and {@code outputs}: whole tensors. */
    COLUMNAR
  }
}
