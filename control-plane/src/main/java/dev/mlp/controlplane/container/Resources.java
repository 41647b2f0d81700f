package dev.mlp.controlplane.container;

import java.util.List;
import java.util.OptionalLong;

/**
 * What one instance may use of its machine.
 *
 * @param memoryMebibytes reserved for it, and its limit where the runtime can limit
 * @param vcpus its share of the CPUs
 * @param strictCpu it gets no more than its vCPUs, even while others are idle
 * @param gpus the identifiers (as {@code nvidia-smi -L} gives them) of those that are its own
 * @param volumeBytes what it may write, files and images aside; empty for no bound
 */
public record Resources(
    long memoryMebibytes,
    int vcpus,
    boolean strictCpu,
    List<String> gpus,
    OptionalLong volumeBytes) {
  public Resources {
    gpus = List.copyOf(gpus);
  }

  /** A share of memory and CPUs, and no more. */
  public static Resources of(long memoryMebibytes, int vcpus) {
    return new Resources(memoryMebibytes, vcpus, false, List.of(), OptionalLong.empty());
  }
}
