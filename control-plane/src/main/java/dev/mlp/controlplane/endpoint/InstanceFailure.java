package dev.mlp.controlplane.endpoint;

/**
 * Why an instance had to go, once it is known in full.
 *
 * @param reason for the user, at most 1,024 characters
 */
public record InstanceFailure(Cause cause, String reason) {
  /** Whether another try may end otherwise. */
  public enum Cause {
    /** It ended or fell silent by itself: worth another try. */
    CRASHED,
    /** It used its time up: another try would use it up again. */
    TOO_SLOW,
    /** The runtime will never take it. */
    REFUSED
  }
}
