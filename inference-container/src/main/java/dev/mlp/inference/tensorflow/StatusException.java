package dev.mlp.inference.tensorflow;

import java.io.Serial;

/** A request that cannot be answered, in TensorFlow's terms: its status code and its words. */
public final class StatusException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final StatusCode code;

  public StatusException(StatusCode code, String message) {
    // No stack trace: a client's wrong shape is no defect of the server, and it is raised per
    // request.
    super(message, null, false, false);
    this.code = code;
  }

  public static StatusException invalidArgument(String message) {
    return new StatusException(StatusCode.INVALID_ARGUMENT, message);
  }

  /** TensorFlow's {@code Status::ToString}: {@code INVALID_ARGUMENT: text}. */
  public String describe() {
    return code + ": " + getMessage();
  }

  public StatusCode code() {
    return code;
  }
}
