package dev.mlp.sdk;

/**
 * An endpoint did not come into service. It still exists, for its logs to be read, until it is
 * deleted.
 */
public final class EndpointFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String endpointName;
  private final String failureReason;

  EndpointFailedException(String endpointName, String status, String failureReason) {
    super("endpoint " + endpointName + " is " + status + ": " + failureReason);
    this.endpointName = endpointName;
    this.failureReason = failureReason;
  }

  /** The endpoint. */
  public String endpointName() {
    return endpointName;
  }

  /** What the platform says about it. */
  public String failureReason() {
    return failureReason;
  }
}
