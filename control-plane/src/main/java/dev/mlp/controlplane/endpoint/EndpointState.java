package dev.mlp.controlplane.endpoint;

import java.time.Instant;

/**
 * Where an endpoint stands.
 *
 * <pre>
 * Creating → InService ─┐
 *    └─────→ Failed ────┴→ Deleting → (no row)
 * </pre>
 *
 * Failed leads to Deleting alone, and Deleting to nothing but the end.
 */
public sealed interface EndpointState {
  /**
   * Set by CreateEndpoint. Left for InService when every variant has its instances ready, for
   * Failed when that will not come about.
   */
  record Creating(Instant since) implements EndpointState {}

  /** It takes requests, and instances that die are replaced. Left by DeleteEndpoint alone. */
  record InService(Instant since) implements EndpointState {}

  /** Set by DeleteEndpoint in any state: instances are drained, stopped and removed. */
  record Deleting(Instant since) implements EndpointState {}

  /**
   * The creation did not succeed; what it had started is stopped. Left by DeleteEndpoint alone.
   *
   * @param reason at most 1,024 characters, for the user
   */
  record Failed(Instant at, String reason) implements EndpointState {}

  /** As DescribeEndpoint shows it, and as rows name the kind. */
  default String status() {
    return switch (this) {
      case Creating _ -> "Creating";
      case InService _ -> "InService";
      case Deleting _ -> "Deleting";
      case Failed _ -> "Failed";
    };
  }
}
