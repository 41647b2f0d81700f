package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonWriter;
import dev.mlp.inference.predict.PredictRequest.Format;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.util.List;

/**
 * Writes answers in TensorFlow Serving's layout for rows. Columns have their lists on one line too,
 * where TensorFlow Serving gives every number a line of its own.
 */
final class PredictResponseWriter {
  /** Strings of outputs with such names are bytes, and go out in base64. */
  private static final String BYTES_SUFFIX = "_bytes";

  private final ByteBuilder out;
  private final JsonWriter json;
  private boolean newLines = true;

  PredictResponseWriter(ByteBuilder out) {
    this.out = out;
    this.json = new JsonWriter(out);
  }

  /**
   * @param outputs one for each of the signature's outputs, in their order
   * @param withNewLines false leaves line breaks out
   */
  void write(Format format, Signature signature, List<Tensor> outputs, boolean withNewLines) {
    newLines = withNewLines;
    if (outputs.isEmpty()) {
      throw StatusException.invalidArgument("Cannot convert empty tensor map to JSON");
    }
    out.put('{');
    newLine(1);
    switch (format) {
      case ROW -> writeRows(signature.outputs(), outputs);
      case COLUMNAR -> writeColumns("outputs", signature.outputs(), outputs);
    }
    newLine(0);
    out.put('}');
  }

  /** The same for the other direction: a request in columns. */
  void writeRequest(List<TensorSpec> specs, List<Tensor> inputs) {
    newLines = false;
    out.put('{');
    writeColumns("inputs", specs, inputs);
    out.put('}');
  }

  private void writeRows(List<TensorSpec> specs, List<Tensor> outputs) {
    long rows = rows(specs, outputs);
    boolean objects = outputs.size() > 1;
    out.ascii("\"predictions\": [");
    for (int row = 0; row < rows; row++) {
      if (row > 0) {
        out.ascii(objects ? "," : ", ");
      }
      if (!objects) {
        writeRow(specs.getFirst(), outputs.getFirst(), row);
        continue;
      }
      newLine(2);
      out.put('{');
      for (int i = 0; i < outputs.size(); i++) {
        key(specs.get(i), i, 3);
        writeRow(specs.get(i), outputs.get(i), row);
      }
      newLine(2);
      out.put('}');
    }
    newLine(1);
    out.put(']');
  }

  private void writeColumns(String member, List<TensorSpec> specs, List<Tensor> outputs) {
    out.put('"').ascii(member).ascii("\": ");
    if (outputs.size() == 1) {
      writeValues(specs.getFirst(), outputs.getFirst(), 0, 0);
      return;
    }
    out.put('{');
    for (int i = 0; i < outputs.size(); i++) {
      key(specs.get(i), i, 2);
      writeValues(specs.get(i), outputs.get(i), 0, 0);
    }
    newLine(1);
    out.put('}');
  }

  private void key(TensorSpec spec, int index, int level) {
    if (index > 0) {
      out.put(',');
    }
    newLine(level);
    json.string(spec.key());
    out.ascii(": ");
  }

  /** The first dimension of all outputs, which must agree. */
  private static long rows(List<TensorSpec> specs, List<Tensor> outputs) {
    long rows = 0;
    for (int i = 0; i < outputs.size(); i++) {
      String name = "Tensor name: " + specs.get(i).key();
      if (outputs.get(i).rank() == 0) {
        throw StatusException.invalidArgument(name + " has no shape information ");
      }
      long size = outputs.get(i).dimension(0);
      if (size < 1) {
        throw StatusException.invalidArgument(name + " has invalid batch size: " + size);
      }
      if (rows != 0 && rows != size) {
        throw StatusException.invalidArgument(
            name + " has inconsistent batch size: " + size + " expecting: " + rows);
      }
      rows = size;
    }
    return rows;
  }

  private void writeRow(TensorSpec spec, Tensor tensor, int row) {
    int perRow = tensor.elementCount() / (int) tensor.dimension(0);
    writeValues(spec, tensor, 1, row * perRow);
  }

  /** Writes from {@code axis} on; returns the index of the next element. */
  private int writeValues(TensorSpec spec, Tensor tensor, int axis, int from) {
    if (axis == tensor.rank()) {
      writeValue(spec, tensor, from);
      return from + 1;
    }
    int next = from;
    out.put('[');
    for (long i = 0; i < tensor.dimension(axis); i++) {
      if (i > 0) {
        out.ascii(", ");
      }
      next = writeValues(spec, tensor, axis + 1, next);
    }
    out.put(']');
    return next;
  }

  private void writeValue(TensorSpec spec, Tensor tensor, int index) {
    switch (tensor.type()) {
      case DT_FLOAT -> json.number(tensor.floatAt(index));
      case DT_DOUBLE -> json.number(tensor.doubleAt(index));
      case DT_HALF -> json.number(tensor.halfAt(index));
      case DT_BFLOAT16 -> json.number(tensor.bfloat16At(index));
      case DT_INT8 -> json.number(tensor.byteAt(index));
      case DT_UINT8 -> json.number(Byte.toUnsignedInt(tensor.byteAt(index)));
      case DT_INT16 -> json.number(tensor.shortAt(index));
      case DT_UINT16 -> json.number(Short.toUnsignedInt(tensor.shortAt(index)));
      case DT_INT32 -> json.number(tensor.intAt(index));
      case DT_UINT32 -> json.number(Integer.toUnsignedLong(tensor.intAt(index)));
      case DT_INT64 -> json.number(tensor.longAt(index));
      case DT_UINT64 -> json.unsigned(tensor.longAt(index));
      case DT_BOOL -> json.bool(tensor.byteAt(index) != 0);
      case DT_STRING -> {
        int from = tensor.stringStart(index);
        int to = tensor.stringEnd(index);
        if (spec.key().endsWith(BYTES_SUFFIX)) {
          out.ascii("{\"b64\": ");
          json.base64(tensor.stringBytes(), from, to);
          out.put('}');
        } else {
          json.string(tensor.stringBytes(), from, to);
        }
      }
      default ->
          throw new StatusException(
              StatusCode.INVALID_ARGUMENT,
              "Failed to write JSON value for tensor type: " + tensor.type().shortName());
    }
  }

  private void newLine(int level) {
    if (newLines) {
      out.put('\n');
    }
    for (int i = 0; i < level; i++) {
      out.ascii("    ");
    }
  }
}
