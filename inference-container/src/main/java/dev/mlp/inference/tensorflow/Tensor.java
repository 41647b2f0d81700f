package dev.mlp.inference.tensorflow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A dense tensor in Java memory, row-major. Elements of a fixed size lie side by side in native
 * byte order; strings lie end to end, and {@code ends[i]} is where string i stops. Owns its arrays:
 * nobody changes them after construction.
 */
public final class Tensor {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.nativeOrder());
  private static final VarHandle DOUBLE =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.nativeOrder());
  private static final int[] NO_ENDS = {};

  private final DataType type;
  private final long[] shape;
  private final byte[] bytes;
  private final int[] ends;

  private Tensor(DataType type, long[] shape, byte[] bytes, int[] ends) {
    this.type = type;
    this.shape = shape;
    this.bytes = bytes;
    this.ends = ends;
  }

  /** A tensor of fixed-size elements; {@code bytes} must have exactly the shape's size. */
  public static Tensor of(DataType type, long[] shape, byte[] bytes) {
    long expected = Math.multiplyExact(elements(shape), type.byteSize());
    if (type.isString() || !type.isCarried() || bytes.length != expected) {
      throw new IllegalArgumentException(
          bytes.length + " bytes for " + type + ", expected " + expected);
    }
    return new Tensor(type, shape, bytes, NO_ENDS);
  }

  /**
   * A tensor of strings: {@code bytes} holds them end to end, {@code ends} where each one stops.
   */
  public static Tensor ofStrings(long[] shape, byte[] bytes, int[] ends) {
    if (ends.length != elements(shape)) {
      throw new IllegalArgumentException(ends.length + " strings, expected " + elements(shape));
    }
    return new Tensor(DataType.DT_STRING, shape, bytes, ends);
  }

  /** The number of elements of a shape: 1 for a scalar. */
  public static long elements(long[] shape) {
    long elements = 1;
    for (long dimension : shape) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  public DataType type() {
    return type;
  }

  public int rank() {
    return shape.length;
  }

  public long dimension(int axis) {
    return shape[axis];
  }

  public long[] shape() {
    return shape.clone();
  }

  long[] shapeArray() {
    return shape;
  }

  byte[] byteArray() {
    return bytes;
  }

  public int elementCount() {
    return type.isString() ? ends.length : bytes.length / type.byteSize();
  }

  public byte byteAt(int index) {
    return bytes[index];
  }

  public short shortAt(int index) {
    return (short) SHORT.get(bytes, index * Short.BYTES);
  }

  public int intAt(int index) {
    return (int) INT.get(bytes, index * Integer.BYTES);
  }

  public long longAt(int index) {
    return (long) LONG.get(bytes, index * Long.BYTES);
  }

  public float floatAt(int index) {
    return (float) FLOAT.get(bytes, index * Float.BYTES);
  }

  public double doubleAt(int index) {
    return (double) DOUBLE.get(bytes, index * Double.BYTES);
  }

  public float halfAt(int index) {
    return Float.float16ToFloat(shortAt(index));
  }

  public float bfloat16At(int index) {
    return Float.intBitsToFloat(shortAt(index) << 16);
  }

  public int stringStart(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  public int stringEnd(int index) {
    return ends[index];
  }

  /** The array that {@link #stringStart} and {@link #stringEnd} point into; not to be changed. */
  public byte[] stringBytes() {
    return bytes;
  }

  /** String {@code index}, read as UTF-8. */
  public String stringAt(int index) {
    int start = stringStart(index);
    return new String(bytes, start, ends[index] - start, StandardCharsets.UTF_8);
  }
}
