package dev.mlp.controlplane.endpoint;

import java.time.Instant;
import java.util.Optional;

/**
 * Where one instance of an endpoint stands.
 *
 * <pre>
 * Waiting → Starting → Ready → Draining
 *    └─────────┴─────────┴────────┴→ Stopping → (no row) | Failed
 * </pre>
 */
public sealed interface InstanceState {
  /**
   * The row is there, and nothing may run yet. Left for Starting when the machine has memory for it
   * and the runtime has taken it on.
   *
   * @param reason why it has to wait, for people; empty before the first try
   */
  record Waiting(Instant since, String reason) implements InstanceState {}

  /** The runtime has it. Left for Ready when it answers pings. */
  record Starting(Instant since) implements InstanceState {}

  /** It gets traffic. Left when it is not wanted any more, dies, or stops answering pings. */
  record Ready(Instant since, String host, int port) implements InstanceState {}

  /**
   * It gets no more requests, and those that it has are waited for, up to a bound.
   *
   * @param failure why it has to go; empty where it is just not wanted any more
   */
  record Draining(Instant since, Optional<InstanceFailure> failure) implements InstanceState {}

  /** It has been told to end. Left when it has ended, or when its grace is over. */
  record Stopping(Instant since, Optional<InstanceFailure> failure) implements InstanceState {}

  /**
   * Nothing of it is left but this: remembered for a while, so that what keeps dying is started
   * again ever more slowly. Terminal.
   */
  record Failed(Instant at, InstanceFailure failure) implements InstanceState {}

  /** As rows name the kind. */
  default String kind() {
    return switch (this) {
      case Waiting _ -> "Waiting";
      case Starting _ -> "Starting";
      case Ready _ -> "Ready";
      case Draining _ -> "Draining";
      case Stopping _ -> "Stopping";
      case Failed _ -> "Failed";
    };
  }

  /** Counts towards what is wanted: it serves, or is on its way there. */
  default boolean counts() {
    return switch (this) {
      case Waiting _, Starting _, Ready _ -> true;
      case Draining _, Stopping _, Failed _ -> false;
    };
  }
}
