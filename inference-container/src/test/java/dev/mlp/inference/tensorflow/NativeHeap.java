package dev.mlp.inference.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** How much of glibc's heap is in use: TensorFlow's memory, without the Java heap. */
public final class NativeHeap {
  private static final long IN_USE_FIELD = 7;
  private static final long MAPPED_FIELD = 4;

  private NativeHeap() {}

  @SuppressWarnings("restricted") // mallinfo2(3): ten numbers by value
  public static long bytesInUse() {
    Linker linker = Linker.nativeLinker();
    MemoryLayout info =
        MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG).withName("fields"));
    MethodHandle mallinfo2 =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(info));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
      return result.getAtIndex(ValueLayout.JAVA_LONG, IN_USE_FIELD)
          + result.getAtIndex(ValueLayout.JAVA_LONG, MAPPED_FIELD);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
