package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_Version;

import org.bytedeco.javacpp.Loader;

/** The native library. */
public final class TensorFlowLibrary {
  private TensorFlowLibrary() {}

  /**
   * Loads it, which takes half a second and more; {@link NativeEnvironment#prepare} comes first.
   */
  public static void load() {
    Loader.load(org.tensorflow.internal.c_api.global.tensorflow.class);
  }

  public static String version() {
    return TF_Version().getString();
  }
}
