package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonKind;
import dev.mlp.inference.json.JsonReader;
import dev.mlp.inference.json.JsonText;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorBuilder;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row form: a list of values for the only input, or a list of objects with one value for
 * each.
 */
final class InstancesReader {
  private final JsonReader json;
  private final TensorReader tensors;
  private final ByteBuilder name = new ByteBuilder(64);
  private final BitSet present = new BitSet();
  private long[] @Nullable [] shapes = new long[0][];
  private int[] sizes = {};

  InstancesReader(JsonReader json, TensorReader tensors) {
    this.json = json;
    this.tensors = tensors;
  }

  /**
   * Reads the entered, not empty list; returns the inputs with the number of rows in front of their
   * shapes.
   */
  List<Tensor> read(Signature signature, List<TensorBuilder> builders) {
    int inputs = signature.inputs().size();
    shapes = new long[inputs][];
    sizes = new int[inputs];
    if (inputs > 1 && json.peek() != JsonKind.OBJECT) {
      throw StatusException.invalidArgument(
          "instances is a plain list, but expecting list of objects as multiple input tensors required"
              + " as per tensorinfo_map");
    }
    boolean objects = isNamedInputs();
    int row = 0;
    do {
      if (objects) {
        if (!isNamedInputs()) {
          throw StatusException.invalidArgument(
              "Expecting object but got list at item " + row + " of input list");
        }
        readObject(signature, builders, row);
      } else if (isNamedInputs()) {
        throw StatusException.invalidArgument(
            "Expecting value/list but got object at item " + row + " of input list");
      } else {
        readPlain(builders.getFirst(), row);
      }
      row++;
    } while (json.nextElement());
    return build(signature, builders, row);
  }

  private boolean isNamedInputs() {
    return json.peek() == JsonKind.OBJECT && !tensors.isBase64Object();
  }

  private void readPlain(TensorBuilder builder, int row) {
    try {
      readItem(0, builder);
    } catch (StatusException e) {
      throw StatusException.invalidArgument(
          "Failed to process element: " + row + " of 'instances' list. Error: " + e.describe());
    }
  }

  private void readObject(Signature signature, List<TensorBuilder> builders, int row) {
    int from = json.position();
    present.clear();
    if (json.beginObject()) {
      int expected = 0;
      do {
        json.name(name.clear(64));
        int input = InputNames.indexOf(signature, name, expected);
        try {
          if (input < 0 || present.get(input)) {
            throw StatusException.invalidArgument(
                (input < 0
                        ? "JSON object: does not have named input: "
                        : "JSON object: has twice the named input: ")
                    + name);
          }
          readItem(input, builders.get(input));
        } catch (StatusException e) {
          throw StatusException.invalidArgument(
              "Failed to process element: "
                  + row
                  + " key: "
                  + name
                  + " of 'instances' list. Error: "
                  + e.describe());
        }
        present.set(input);
        expected = input + 1;
      } while (json.nextMember());
    }
    if (present.cardinality() != signature.inputs().size()) {
      throw StatusException.invalidArgument(
          "Failed to process element: "
              + row
              + " of 'instances' list. JSON object: "
              + JsonText.pretty(json, from)
              + " must only have keys: "
              + signature.inputs().stream().map(TensorSpec::key).collect(Collectors.joining(",")));
    }
  }

  /** Every row must have the shape of the first one. */
  private void readItem(int input, TensorBuilder builder) {
    int before = builder.elementCount();
    tensors.read(builder);
    int size = builder.elementCount() - before;
    long[] shape = shapes[input];
    if (shape == null) {
      shapes[input] = tensors.shapeInBatch(0);
      sizes[input] = size;
    } else if (sizes[input] != size) {
      throw StatusException.invalidArgument(
          "Expecting tensor size: " + sizes[input] + " but got: " + size);
    } else if (!tensors.hasRowShapeOf(shape)) {
      throw StatusException.invalidArgument(
          "Expecting shape " + describe(shape, 1) + " but got: " + describe(tensors.shape(), 0));
    }
  }

  private List<Tensor> build(Signature signature, List<TensorBuilder> builders, int rows) {
    List<Tensor> inputs = new ArrayList<>(signature.inputs().size());
    for (int i = 0; i < signature.inputs().size(); i++) {
      long[] shape = shapes[i];
      if (shape == null) {
        throw new IllegalStateException("input " + i + " was never read");
      }
      shape[0] = rows;
      inputs.add(builders.get(i).build(shape));
    }
    return inputs;
  }

  private static String describe(long[] shape, int from) {
    StringBuilder text = new StringBuilder("[");
    for (int i = from; i < shape.length; i++) {
      text.append(i == from ? "" : ",").append(shape[i]);
    }
    return text.append(']').toString();
  }
}
