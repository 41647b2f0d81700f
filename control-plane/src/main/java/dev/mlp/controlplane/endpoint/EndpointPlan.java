package dev.mlp.controlplane.endpoint;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an endpoint needs next.
 *
 * @param launches instances to add
 * @param unwanted ids of instances that are to go
 * @param forgotten ids of failed instances that need not be remembered any more
 * @param transition of the endpoint itself
 */
record EndpointPlan(
    List<Launch> launches,
    Set<String> unwanted,
    List<String> forgotten,
    Optional<Transition> transition) {
  EndpointPlan {
    launches = List.copyOf(launches);
    unwanted = Set.copyOf(unwanted);
    forgotten = List.copyOf(forgotten);
  }

  /** So many more instances of a variant. */
  record Launch(String variant, long generation, int count) {}

  /** The endpoint's next state. */
  sealed interface Transition {
    /** Every variant has what it should have. */
    record ToInService() implements Transition {}

    /** The creation will not succeed. */
    record ToFailed(String reason) implements Transition {}

    /** Nothing is left but rows: they go, too. */
    record Vanish() implements Transition {}
  }
}
