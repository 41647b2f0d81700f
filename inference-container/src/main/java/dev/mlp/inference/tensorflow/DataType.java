package dev.mlp.inference.tensorflow;

import java.util.Arrays;

/**
 * TensorFlow's element types: the number in {@code DataType} of types.proto, TensorFlow's short
 * name, and the bytes of one element (0: not a fixed size).
 */
public enum DataType {
  DT_INVALID(0, "INVALID", 0),
  DT_FLOAT(1, "float", 4),
  DT_DOUBLE(2, "double", 8),
  DT_INT32(3, "int32", 4),
  DT_UINT8(4, "uint8", 1),
  DT_INT16(5, "int16", 2),
  DT_INT8(6, "int8", 1),
  DT_STRING(7, "string", 0),
  DT_COMPLEX64(8, "complex64", 8),
  DT_INT64(9, "int64", 8),
  DT_BOOL(10, "bool", 1),
  DT_QINT8(11, "qint8", 1),
  DT_QUINT8(12, "quint8", 1),
  DT_QINT32(13, "qint32", 4),
  DT_BFLOAT16(14, "bfloat16", 2),
  DT_QINT16(15, "qint16", 2),
  DT_QUINT16(16, "quint16", 2),
  DT_UINT16(17, "uint16", 2),
  DT_COMPLEX128(18, "complex128", 16),
  DT_HALF(19, "half", 2),
  DT_RESOURCE(20, "resource", 0),
  DT_VARIANT(21, "variant", 0),
  DT_UINT32(22, "uint32", 4),
  DT_UINT64(23, "uint64", 8);

  /** Reference types (of TF 1 variables) are the plain type's number plus this. */
  private static final int REFERENCE_OFFSET = 100;

  private static final DataType[] BY_NUMBER = values();

  static {
    assert Arrays.stream(BY_NUMBER).allMatch(type -> BY_NUMBER[type.number] == type);
  }

  private final int number;
  private final String shortName;
  private final int byteSize;

  DataType(int number, String shortName, int byteSize) {
    this.number = number;
    this.shortName = shortName;
    this.byteSize = byteSize;
  }

  /**
   * The type with this wire number; reference types give their plain type, unknown ones invalid.
   */
  public static DataType of(int number) {
    int plain = number > REFERENCE_OFFSET ? number - REFERENCE_OFFSET : number;
    return plain >= 0 && plain < BY_NUMBER.length ? BY_NUMBER[plain] : DT_INVALID;
  }

  public int number() {
    return number;
  }

  /** TensorFlow's {@code DataTypeString}: {@code float}, {@code int64}, {@code string} … */
  public String shortName() {
    return shortName;
  }

  public int byteSize() {
    return byteSize;
  }

  public boolean isString() {
    return this == DT_STRING;
  }

  /**
   * Whether a tensor of this type is a plain block of memory, or strings: what the server carries.
   */
  public boolean isCarried() {
    return byteSize > 0 || isString();
  }
}
