package dev.mlp.examples.titanic;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.tensorflow.proto.ConfigProto;

/** How TensorFlow runs in this process. */
final class TensorFlowRuntime {

  /**
   * Everything in the caller's thread: sums are added in one order, so one seed gives one result;
   * and networks this small only lose by handing work to other threads.
   */
  static final ConfigProto DETERMINISTIC =
      ConfigProto.newBuilder()
          .setInterOpParallelismThreads(-1)
          .setIntraOpParallelismThreads(1)
          .build();

  private TensorFlowRuntime() {}

  /**
   * Sets what TensorFlow reads from the process' environment as it loads, where the user has not:
   * call it before anything of TensorFlow is used. Without oneDNN small matrix products are two to
   * three times faster.
   */
  static void prepare() {
    try (Arena arena = Arena.ofConfined()) {
      setIfAbsent(arena, "TF_ENABLE_ONEDNN_OPTS", "0");
      setIfAbsent(arena, "TF_CPP_MIN_LOG_LEVEL", "2");
    }
  }

  @SuppressWarnings(
      "restricted") // setenv: Java itself cannot change the environment of its own process
  private static void setIfAbsent(Arena arena, String name, String value) {
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try {
      MemorySegment nameText = arena.allocateFrom(name);
      MemorySegment valueText = arena.allocateFrom(value);
      int _ = (int) setenv.invokeExact(nameText, valueText, 0);
    } catch (Throwable e) {
      throw new LinkageError("setenv", e);
    }
  }
}
