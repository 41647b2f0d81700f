package dev.mlp.controlplane.container.docker;

import java.io.IOException;

/** The engine does not answer; the same call can succeed when it does again. */
final class EngineAwayException extends IOException {
  private static final long serialVersionUID = 1L;

  EngineAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
