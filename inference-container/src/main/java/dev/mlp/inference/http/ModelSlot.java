package dev.mlp.inference.http;

import dev.mlp.inference.model.Models;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import org.jspecify.annotations.Nullable;

/** The models, once they are loaded: the port opens before that. Thread-safe. */
final class ModelSlot {
  private volatile @Nullable Models models;

  void fill(Models loaded) {
    models = loaded;
  }

  boolean isFilled() {
    return models != null;
  }

  /**
   * @throws StatusException while they are being loaded
   */
  Models get() {
    Models loaded = models;
    if (loaded == null) {
      throw new StatusException(StatusCode.UNAVAILABLE, "The models are still being loaded.");
    }
    return loaded;
  }
}
