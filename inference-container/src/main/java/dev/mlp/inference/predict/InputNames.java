package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.tensorflow.Signature;

/** Finds inputs by the names that requests use. */
final class InputNames {
  private InputNames() {}

  /** The index of the input of this name, or -1; {@code expected} is where to look first. */
  static int indexOf(Signature signature, ByteBuilder name, int expected) {
    int count = signature.inputs().size();
    for (int i = 0; i < count; i++) {
      int candidate = (expected + i) % count;
      if (name.contentEquals(signature.inputKey(candidate))) {
        return candidate;
      }
    }
    return -1;
  }
}
