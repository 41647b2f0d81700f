package dev.mlp.inference.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * What must be set before the first class of TensorFlow loads, because the native library and
 * JavaCPP read it once and never again.
 */
public final class NativeEnvironment {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          // Small models run 2.5 to 3 times faster without oneDNN; large convolutions in batches
          // are
          // 1.2 to 2.4 times faster with it, so what the user has set stands.
          "TF_ENABLE_ONEDNN_OPTS", "0",
          // Errors only: TensorFlow otherwise greets every start with lines about the CPU.
          "TF_CPP_MIN_LOG_LEVEL", "2");

  private NativeEnvironment() {}

  /** Sets the defaults, in this process's native environment too; what is set already stands. */
  public static void prepare() {
    // JavaCPP's own limit (4 times the Java heap) counts the memory of the model itself, and
    // refuses
    // tensors long before the machine is full.
    setPropertyIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    setPropertyIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    // Every native object is freed by hand here; the bookkeeping for those that are not costs as
    // much as a small model's run.
    setPropertyIfAbsent("org.bytedeco.javacpp.nopointergc", "true");
    DEFAULTS.forEach((name, value) -> {
      if (System.getenv(name) == null) {
        setNative(name, value);
      }
    });
  }

  private static void setPropertyIfAbsent(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  /**
   * Java's own view of the environment is a copy made at start; only setenv reaches the library.
   */
  @SuppressWarnings("restricted") // setenv(3) is in every libc and its signature is fixed by POSIX
  private static void setNative(String name, String value) {
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
      if (result != 0) {
        throw new IllegalStateException("setenv(" + name + ") failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv(" + name + ") failed", e);
    }
  }
}
