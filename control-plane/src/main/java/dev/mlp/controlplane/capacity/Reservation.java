package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A group's row: it has what it asked for, or waits for it.
 *
 * @param memoryMebibytes of the whole group
 * @param gpus how many, of the whole group
 */
record Reservation(
    GroupId group,
    long memoryMebibytes,
    int gpus,
    Optional<Duration> longest,
    Optional<Grant> grant) {
  /**
   * Since when it has it.
   *
   * @param gpuIds the first host's first
   */
  record Grant(Instant at, List<String> gpuIds) {
    Grant {
      gpuIds = List.copyOf(gpuIds);
    }
  }

  static Reservation waiting(GroupId group, Demand demand) {
    return new Reservation(
        group, demand.totalMebibytes(), demand.totalGpus(), demand.longest(), Optional.empty());
  }

  Reservation granted(Instant at, List<String> gpuIds) {
    return new Reservation(
        group, memoryMebibytes, gpus, longest, Optional.of(new Grant(at, gpuIds)));
  }

  /** When it ends at the latest, where it has begun and something bounds it. */
  Optional<Instant> latestEnd() {
    return grant.flatMap(given -> longest.map(given.at()::plus));
  }
}
