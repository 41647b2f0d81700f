package dev.mlp.inference.tensorflow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Collects elements whose number is not known yet, and makes tensors of them. Reused: {@link
 * #reset} keeps the memory, unless one request has made it large. Not thread-safe.
 */
public final class TensorBuilder {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** Buffers beyond this are given back to the collector after use: one per thread and input. */
  private static final int KEPT_BYTES = 1 << 20;

  private DataType type = DataType.DT_INVALID;
  private byte[] bytes = new byte[256];
  private int size;
  private int[] ends = {};
  private int strings;

  public void reset(DataType elementType) {
    type = elementType;
    size = 0;
    strings = 0;
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[256];
    }
    if (ends.length > KEPT_BYTES / Integer.BYTES) {
      ends = new int[0];
    }
  }

  public DataType type() {
    return type;
  }

  public int elementCount() {
    return type.isString() ? strings : size / type.byteSize();
  }

  public void addByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  public void addShort(int value) {
    ensure(Short.BYTES);
    SHORT.set(bytes, size, (short) value);
    size += Short.BYTES;
  }

  public void addInt(int value) {
    ensure(Integer.BYTES);
    INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  public void addLong(long value) {
    ensure(Long.BYTES);
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  public void addFloat(float value) {
    addInt(Float.floatToRawIntBits(value));
  }

  public void addDouble(double value) {
    addLong(Double.doubleToRawLongBits(value));
  }

  /** Appends bytes to the string that {@link #endString} will close. */
  public void addStringBytes(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  public void endString() {
    if (strings == ends.length) {
      ends = Arrays.copyOf(ends, Math.max(16, strings * 2));
    }
    ends[strings++] = size;
  }

  /** A tensor of everything added since {@link #reset}, which must be as many as the shape says. */
  public Tensor build(long[] shape) {
    byte[] copy = Arrays.copyOf(bytes, size);
    return type.isString()
        ? Tensor.ofStrings(shape, copy, Arrays.copyOf(ends, strings))
        : Tensor.of(type, shape, copy);
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length * 2));
    }
  }
}
