package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.container.Phase;
import java.time.Duration;

/** What is wrong with an instance, as decided; {@link FailureReason} puts it into words. */
public sealed interface InstanceTrouble {
  /** The program has ended. */
  record Exited(Phase.Exit exit) implements InstanceTrouble {}

  /** The runtime could not do its part. */
  record Broke(Phase.Step step, String reason) implements InstanceTrouble {}

  /** It is gone, and nobody knows how it ended. */
  record Vanished(String reason) implements InstanceTrouble {}

  /** The model did not arrive in time. */
  record StagingTooSlow(Duration allowed) implements InstanceTrouble {}

  /** It did not pass a ping in time. */
  record StartTooSlow(Duration allowed) implements InstanceTrouble {}

  /** It was ready, and has not answered pings for a while. */
  record Unresponsive(int pings) implements InstanceTrouble {}

  /** The runtime does not take it. */
  record Refused(String reason) implements InstanceTrouble {}

  default InstanceFailure.Cause cause() {
    return switch (this) {
      case Exited _, Broke _, Vanished _, Unresponsive _ -> InstanceFailure.Cause.CRASHED;
      case StagingTooSlow _, StartTooSlow _ -> InstanceFailure.Cause.TOO_SLOW;
      case Refused _ -> InstanceFailure.Cause.REFUSED;
    };
  }
}
