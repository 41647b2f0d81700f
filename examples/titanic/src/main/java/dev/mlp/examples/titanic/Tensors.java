package dev.mlp.examples.titanic;

import java.util.List;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Java arrays to tensors and back. Whoever makes a tensor closes it. */
final class Tensors {

  private Tensors() {}

  static TFloat32 of(float[] values, long... shape) {
    return TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(values));
  }

  /** A tensor of shape [n]. */
  static TString of(List<String> values) {
    return TString.tensorOf(NdArrays.vectorOfObjects(values.toArray(String[]::new)));
  }

  static float[] floats(TFloat32 tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }
}
