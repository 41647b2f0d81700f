package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_AllocateTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_Dim;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NumDims;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_StringCopy;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_StringDealloc;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_StringGetDataPointer;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_StringGetSize;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_StringInit;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorByteSize;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.tensorflow.internal.c_api.TF_TString;
import org.tensorflow.internal.c_api.TF_Tensor;

/** Copies tensors between Java memory and TensorFlow's. */
final class NativeTensors {
  private static final long STRING_BYTES = new TF_TString((Pointer) null).sizeof();

  private NativeTensors() {}

  /** A native copy; the caller frees it with {@link #free}. */
  static TF_Tensor copyOf(Tensor tensor) {
    return tensor.type().isString() ? copyStrings(tensor) : copyBytes(tensor);
  }

  private static TF_Tensor copyBytes(Tensor tensor) {
    byte[] bytes = tensor.byteArray();
    TF_Tensor copy =
        TF_AllocateTensor(tensor.type().number(), tensor.shapeArray(), tensor.rank(), bytes.length);
    if (bytes.length > 0) {
      MemorySegment.copy(
          bytes,
          0,
          memory(TF_TensorData(copy), bytes.length),
          ValueLayout.JAVA_BYTE,
          0,
          bytes.length);
    }
    return copy;
  }

  private static TF_Tensor copyStrings(Tensor tensor) {
    int count = tensor.elementCount();
    byte[] bytes = tensor.byteArray();
    TF_Tensor copy =
        TF_AllocateTensor(
            DataType.DT_STRING.number(), tensor.shapeArray(), tensor.rank(), count * STRING_BYTES);
    if (count == 0) {
      return copy;
    }
    TF_TString string = new TF_TString(TF_TensorData(copy));
    BytePointer source = new BytePointer(Math.max(1, bytes.length));
    try {
      source.put(bytes, 0, bytes.length);
      for (int i = 0; i < count; i++) {
        int start = tensor.stringStart(i);
        string.position(i);
        TF_StringInit(string);
        TF_StringCopy(string, source.position(start), tensor.stringEnd(i) - (long) start);
      }
    } finally {
      source.position(0).deallocate();
    }
    return copy;
  }

  /** Frees what {@link #copyOf} made. What TensorFlow returned goes to TF_DeleteTensor alone. */
  static void free(TF_Tensor copy, Tensor original) {
    if (original.type().isString() && original.elementCount() > 0) {
      // The tensor's memory is a plain block to TensorFlow: it does not know that long strings in
      // it own memory of their own.
      TF_TString string = new TF_TString(TF_TensorData(copy));
      for (int i = 0; i < original.elementCount(); i++) {
        TF_StringDealloc(string.position(i));
      }
    }
    TF_DeleteTensor(copy);
  }

  /** A Java copy of a tensor that TensorFlow returned. */
  static Tensor toJava(TF_Tensor tensor, TensorSpec spec) {
    DataType type = DataType.of(TF_TensorType(tensor));
    if (!type.isCarried()) {
      throw new StatusException(
          StatusCode.UNIMPLEMENTED,
          "Output "
              + spec.key()
              + " is of type "
              + type.shortName()
              + ", which cannot be answered");
    }
    long[] shape = new long[TF_NumDims(tensor)];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = TF_Dim(tensor, axis);
    }
    if (type.isString()) {
      return stringsToJava(tensor, shape);
    }
    long size = TF_TensorByteSize(tensor);
    byte[] bytes = new byte[Math.toIntExact(size)];
    if (size > 0) {
      MemorySegment.copy(
          memory(TF_TensorData(tensor), size), ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
    }
    return Tensor.of(type, shape, bytes);
  }

  private static Tensor stringsToJava(TF_Tensor tensor, long[] shape) {
    int count = Math.toIntExact(Tensor.elements(shape));
    int[] ends = new int[count];
    if (count == 0) {
      return Tensor.ofStrings(shape, new byte[0], ends);
    }
    TF_TString string = new TF_TString(TF_TensorData(tensor));
    int total = 0;
    for (int i = 0; i < count; i++) {
      total = Math.addExact(total, Math.toIntExact(TF_StringGetSize(string.position(i))));
      ends[i] = total;
    }
    byte[] bytes = new byte[total];
    int start = 0;
    for (int i = 0; i < count; i++) {
      if (ends[i] > start) {
        TF_StringGetDataPointer(string.position(i)).get(bytes, start, ends[i] - start);
      }
      start = ends[i];
    }
    return Tensor.ofStrings(shape, bytes, ends);
  }

  @SuppressWarnings("restricted") // the size is what TensorFlow itself says about this address
  private static MemorySegment memory(Pointer pointer, long size) {
    return MemorySegment.ofAddress(pointer.address()).reinterpret(size);
  }
}
