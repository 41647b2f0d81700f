package dev.mlp.controlplane.container;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What an instance uses now.
 *
 * @param at when it was measured
 * @param cpuNanos CPU time since its program began, of all its processes
 * @param memoryBytes without the page cache
 * @param memoryLimitBytes of the instance; the machine's where it has none
 * @param diskBytes what it has written; empty where it cannot be told
 * @param gpus one per GPU of its own; empty where none is, or it cannot be told
 */
public record Usage(
    Instant at,
    long cpuNanos,
    long memoryBytes,
    long memoryLimitBytes,
    OptionalLong diskBytes,
    List<Gpu> gpus) {
  /**
   * One GPU.
   *
   * @param utilization in percent, 0 to 100
   */
  public record Gpu(String id, double utilization, long memoryBytes, long memoryTotalBytes) {}

  public Usage {
    gpus = List.copyOf(gpus);
  }
}
