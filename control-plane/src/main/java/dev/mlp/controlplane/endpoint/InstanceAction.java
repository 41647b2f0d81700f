package dev.mlp.controlplane.endpoint;

import java.util.Optional;

/** The next step with one instance. */
public sealed interface InstanceAction {
  /** Nothing to do now. */
  record Rest() implements InstanceAction {}

  /** Reserve its memory, and start it where that is granted. */
  record Begin() implements InstanceAction {}

  /** Give it traffic. */
  record Admit(String host, int port) implements InstanceAction {}

  /** Take its traffic away and wait for what is outstanding. */
  record Drain(Optional<InstanceTrouble> trouble) implements InstanceAction {}

  /**
   * Tell it to end.
   *
   * @param trouble empty where it is just not wanted, or where the trouble is in its state already
   */
  record Stop(Optional<InstanceTrouble> trouble) implements InstanceAction {}

  /** Give everything that it has back. */
  record Remove() implements InstanceAction {}
}
