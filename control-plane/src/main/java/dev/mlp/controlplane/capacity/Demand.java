package dev.mlp.controlplane.capacity;

import java.time.Duration;
import java.util.Optional;

/**
 * What an instance group asks of the machine.
 *
 * @param instances that start together
 * @param memoryMebibytes of each
 * @param gpus of each
 * @param longest how long it keeps them at most, from the grant to the release; empty where nothing
 *     ends it by itself
 */
public record Demand(int instances, long memoryMebibytes, int gpus, Optional<Duration> longest) {
  public Demand {
    if (instances < 1 || memoryMebibytes < 1 || gpus < 0) {
      throw new IllegalArgumentException(
          "%d instances with %d MiB and %d GPUs each: expected 1 instance and 1 MiB at least"
              .formatted(instances, memoryMebibytes, gpus));
    }
    if (longest.isPresent() && !longest.get().isPositive()) {
      throw new IllegalArgumentException("longest " + longest.get() + ": expected more than 0");
    }
  }

  /** Memory alone, for one instance that nothing ends by itself. */
  public static Demand ofMemory(long memoryMebibytes) {
    return new Demand(1, memoryMebibytes, 0, Optional.empty());
  }

  /** Of all instances together. */
  public long totalMebibytes() {
    return instances * memoryMebibytes;
  }

  /** Of all instances together. */
  public int totalGpus() {
    return instances * gpus;
  }
}
