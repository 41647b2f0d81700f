package dev.mlp.inference.tensorflow;

import java.util.List;
import java.util.Optional;

/**
 * One input or output of a signature.
 *
 * @param key its name in the signature, the one that clients use
 * @param tensorName the tensor in the graph, {@code operation:index}; empty for one that is encoded
 *     as several tensors (sparse, ragged)
 * @param type the element type, reference types masked
 * @param shape the declared shape, -1 for an open dimension; empty when even the rank is open. It
 *     is information: TensorFlow Serving does not enforce it, and neither does the server
 * @param dimensionNames as many as the shape has dimensions, usually empty strings
 */
public record TensorSpec(
    String key,
    String tensorName,
    DataType type,
    Optional<List<Long>> shape,
    List<String> dimensionNames) {

  public TensorSpec {
    shape = shape.map(List::copyOf);
    dimensionNames = List.copyOf(dimensionNames);
  }

  /** The operation of {@link #tensorName}. */
  String operation() {
    int colon = tensorName.lastIndexOf(':');
    return colon < 0 ? tensorName : tensorName.substring(0, colon);
  }

  /** Which of the operation's outputs {@link #tensorName} is. */
  int outputIndex() {
    int colon = tensorName.lastIndexOf(':');
    return colon < 0 ? 0 : Integer.parseInt(tensorName.substring(colon + 1));
  }
}
