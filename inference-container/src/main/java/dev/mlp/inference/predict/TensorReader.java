package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonKind;
import dev.mlp.inference.json.JsonNumber;
import dev.mlp.inference.json.JsonReader;
import dev.mlp.inference.json.JsonText;
import dev.mlp.inference.json.StringSink;
import dev.mlp.inference.tensorflow.DataType;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.TensorBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Reads one JSON value, a scalar or nested lists, into a {@link TensorBuilder}. The shape is that
 * of the first path down the lists; everything else must agree with it, and is refused in
 * TensorFlow Serving's words.
 */
final class TensorReader {
  private static final byte[] BASE64_KEY = "b64".getBytes(StandardCharsets.UTF_8);
  private static final int UNKNOWN = -1;
  private static final double MAX_HALF = 65504;
  private static final double MAX_BFLOAT16 = Float.intBitsToFloat(0x7F7F0000);

  private final JsonReader json;
  private final ByteBuilder scratch = new ByteBuilder(64);
  private TensorBuilder out = new TensorBuilder();
  private long[] dimensions = new long[8];
  private int rank;

  private final StringSink intoTensor =
      new StringSink() {
        @Override
        public void append(byte[] bytes, int from, int length) {
          out.addStringBytes(bytes, from, length);
        }

        @Override
        public void append(byte value) {
          out.addByte(value);
        }
      };

  TensorReader(JsonReader json) {
    this.json = json;
  }

  /** Appends the next value's elements; afterwards {@link #shape} is its shape. */
  void read(TensorBuilder builder) {
    out = builder;
    rank = UNKNOWN;
    JsonKind kind = json.peek();
    if (kind == JsonKind.ARRAY) {
      list(0);
    } else {
      element(kind, 0);
    }
  }

  /** The shape of the value read last. */
  long[] shape() {
    return Arrays.copyOf(dimensions, rank);
  }

  /** The shape of the value read last, as one row of a batch. */
  long[] shapeInBatch(long rows) {
    long[] shape = new long[rank + 1];
    shape[0] = rows;
    System.arraycopy(dimensions, 0, shape, 1, rank);
    return shape;
  }

  /** Whether the value read last has this shape, leaving out {@code other}'s first dimension. */
  boolean hasRowShapeOf(long[] other) {
    return Arrays.equals(dimensions, 0, rank, other, 1, other.length);
  }

  private void list(int level) {
    if (rank != UNKNOWN && level >= rank) {
      throw StatusException.invalidArgument(
          "Encountered list at unexpected level: " + level + " expected < " + rank);
    }
    boolean first = rank == UNKNOWN;
    long count = 0;
    if (json.beginArray()) {
      do {
        JsonKind kind = json.peek();
        if (kind == JsonKind.ARRAY) {
          list(level + 1);
        } else {
          element(kind, level + 1);
        }
        count++;
      } while (json.nextElement());
    } else if (first) {
      rank = level + 1;
      dimensions = Arrays.copyOf(dimensions, Math.max(dimensions.length, rank));
    }
    if (first) {
      dimensions[level] = count;
    } else if (dimensions[level] != count) {
      throw StatusException.invalidArgument(
          "Encountered list at unexpected size: "
              + count
              + " at level: "
              + level
              + " expected size: "
              + dimensions[level]);
    }
  }

  private void element(JsonKind kind, int level) {
    if (level != rank) {
      if (rank != UNKNOWN) {
        throw StatusException.invalidArgument(
            "JSON Value: "
                + JsonText.pretty(json, json.position())
                + " found at incorrect level: "
                + (level + 1)
                + " in the JSON DOM. Expected at level: "
                + rank);
      }
      rank = level;
      dimensions = Arrays.copyOf(dimensions, Math.max(dimensions.length, rank));
    }
    int from = json.position();
    DataType type = out.type();
    switch (kind) {
      case NUMBER -> {
        JsonNumber number = json.number();
        if (!addNumber(number, type)) {
          throw refuse(from, type, kind);
        }
      }
      case STRING -> {
        if (!type.isString()) {
          throw refuse(from, type, kind);
        }
        json.string(intoTensor);
        out.endString();
      }
      case TRUE, FALSE -> {
        if (type != DataType.DT_BOOL) {
          throw refuse(from, type, kind);
        }
        json.literal(kind);
        out.addByte(kind == JsonKind.TRUE ? 1 : 0);
      }
      case OBJECT -> {
        if (!type.isString()) {
          throw refuse(from, type, kind);
        }
        base64(from);
      }
      case NULL, ARRAY -> throw refuse(from, type, kind);
    }
  }

  /** False: not a value of this type. */
  private boolean addNumber(JsonNumber number, DataType type) {
    switch (type) {
      case DT_FLOAT -> out.addFloat((float) lossless(number, (1 << 24) - 1, Float.MAX_VALUE, type));
      case DT_DOUBLE -> out.addDouble(lossless(number, (1L << 53) - 1, Double.MAX_VALUE, type));
      case DT_HALF ->
          out.addShort(
              Float.floatToFloat16((float) lossless(number, (1 << 11) - 1, MAX_HALF, type)));
      case DT_BFLOAT16 -> out.addShort(bfloat16((float) lossless(number, 255, MAX_BFLOAT16, type)));
      case DT_INT32 -> {
        if (!number.isInt()) {
          return false;
        }
        out.addInt((int) number.longValue());
      }
      case DT_INT64 -> {
        if (!number.isLong()) {
          return false;
        }
        out.addLong(number.longValue());
      }
      case DT_UINT32 -> {
        if (!number.isUnsignedInt()) {
          return false;
        }
        out.addInt((int) number.longValue());
      }
      case DT_UINT64 -> {
        if (!number.isUnsignedLong()) {
          return false;
        }
        out.addLong(number.longValue());
      }
      case DT_INT8, DT_UINT8, DT_INT16, DT_UINT16 -> {
        long value = number.longValue();
        long least = type == DataType.DT_INT8 ? -128 : type == DataType.DT_INT16 ? -32768 : 0;
        long most = least + (type.byteSize() == 1 ? 255 : 65535);
        if (!number.isLong() || value < least || value > most) {
          return false;
        }
        if (type.byteSize() == 1) {
          out.addByte((int) value);
        } else {
          out.addShort((int) value);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The number, if the type holds it: integers exactly, decimals within its range. */
  private double lossless(JsonNumber number, long maxInteger, double maxDecimal, DataType type) {
    double value = number.doubleValue();
    boolean fits =
        number.isDecimal()
            ? !Double.isFinite(value) || Math.abs(value) <= maxDecimal
            : number.isLong()
                && number.longValue() <= maxInteger
                && number.longValue() >= -maxInteger;
    if (!fits) {
      throw StatusException.invalidArgument(
          "Cannot convert JSON value: "
              + JsonText.of(number)
              + " to "
              + type.shortName()
              + " without loss of precision.");
    }
    return value;
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16);
    }
    // Round to nearest, ties to even, as TensorFlow does.
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  private void base64(int from) {
    if (!isBase64Object()) {
      throw StatusException.invalidArgument(
          "JSON Value: "
              + JsonText.pretty(json, from)
              + " not formatted correctly for base64 data");
    }
    json.beginObject();
    json.name(scratch.clear(64));
    json.string(scratch.clear(64));
    json.nextMember();
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(scratch.toByteArray());
    } catch (IllegalArgumentException e) {
      throw StatusException.invalidArgument("Unable to base64 decode");
    }
    out.addStringBytes(decoded, 0, decoded.length);
    out.endString();
  }

  /** Whether the object that comes next is exactly {@code {"b64": "…"}}; reads nothing. */
  boolean isBase64Object() {
    JsonReader.Mark mark = json.mark();
    try {
      if (json.peek() != JsonKind.OBJECT || !json.beginObject()) {
        return false;
      }
      json.name(scratch.clear(64));
      if (!scratch.contentEquals(BASE64_KEY) || json.peek() != JsonKind.STRING) {
        return false;
      }
      json.string(StringSink.NONE);
      return !json.nextMember();
    } finally {
      json.returnTo(mark);
    }
  }

  private StatusException refuse(int from, DataType type, JsonKind kind) {
    if (!type.isCarried() || type.shortName().startsWith("q") || type.shortName().startsWith("c")) {
      return new StatusException(
          StatusCode.UNIMPLEMENTED,
          "Conversion of JSON Value: "
              + JsonText.pretty(json, from)
              + " to type: "
              + type.shortName());
    }
    return StatusException.invalidArgument(
        "JSON Value: "
            + JsonText.pretty(json, from)
            + " Type: "
            + kind.wireName()
            + " is not of expected type: "
            + type.shortName());
  }
}
