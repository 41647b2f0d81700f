package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_Version;

/** The native library. */
public final class TensorFlowLibrary {
  private TensorFlowLibrary() {}

  /**
   * Loads it, which takes half a second and more; {@link NativeEnvironment#prepare} comes first.
   */
  public static String load() {
    return TF_Version().getString();
  }
}
