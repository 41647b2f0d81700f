package dev.mlp.controlplane.container.docker;

import java.io.IOException;

/** The engine answered, and refused. */
final class EngineException extends IOException {
  private static final long serialVersionUID = 1L;

  static final int NOT_MODIFIED = 304;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;

  private final int status;

  /**
   * @param status of HTTP
   */
  EngineException(String message, int status, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  EngineException(String message, int status) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }

  boolean isItsOwnFault() {
    return status >= 500;
  }

  boolean notFound() {
    return status == NOT_FOUND;
  }
}
