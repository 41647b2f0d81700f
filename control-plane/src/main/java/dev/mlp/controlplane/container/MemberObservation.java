package dev.mlp.controlplane.container;

import java.time.Instant;
import java.util.Optional;

/**
 * A member as its runtime sees it now. The times tell of phases that came and went between two
 * looks.
 *
 * @param address where its serving port can be reached, {@code host:port}, once the program runs
 */
public record MemberObservation(
    String hostName,
    Phase phase,
    Optional<Instant> stagingAt,
    Optional<Instant> runningAt,
    Optional<Instant> collectingAt,
    Optional<Instant> endedAt,
    Optional<String> address) {
  /** The program has exited; its outputs are on their way. */
  public MemberObservation collecting(Phase.Exit exit, Instant at) {
    return new MemberObservation(
        hostName,
        new Phase.Collecting(exit),
        stagingAt,
        runningAt,
        Optional.of(at),
        Optional.empty(),
        address);
  }

  /**
   * @param end a terminal phase
   */
  public MemberObservation ended(Phase end, Instant at) {
    return new MemberObservation(
        hostName, end, stagingAt, runningAt, collectingAt, Optional.of(at), address);
  }
}
