package dev.mlp.inference.tensorflow;

/**
 * TensorFlow's status codes, in the order of their numbers, with TensorFlow Serving's HTTP status.
 */
public enum StatusCode {
  OK(200),
  CANCELLED(499),
  UNKNOWN(500),
  INVALID_ARGUMENT(400),
  DEADLINE_EXCEEDED(504),
  NOT_FOUND(404),
  ALREADY_EXISTS(409),
  PERMISSION_DENIED(403),
  RESOURCE_EXHAUSTED(429),
  FAILED_PRECONDITION(400),
  ABORTED(409),
  OUT_OF_RANGE(400),
  UNIMPLEMENTED(501),
  INTERNAL(500),
  UNAVAILABLE(503),
  DATA_LOSS(500),
  UNAUTHENTICATED(401);

  private static final StatusCode[] BY_NUMBER = values();

  private final int httpStatus;

  StatusCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  static StatusCode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }

  public int httpStatus() {
    return httpStatus;
  }
}
