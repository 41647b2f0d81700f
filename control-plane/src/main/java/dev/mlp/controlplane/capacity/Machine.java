package dev.mlp.controlplane.capacity;

import java.util.List;

/**
 * What instances can have of this machine, all of them together.
 *
 * @param memoryMebibytes less what the server itself and the system need
 * @param vcpus as the system schedules them
 * @param gpus those that the runtime can hand on; in the order in which they are given out
 */
public record Machine(long memoryMebibytes, int vcpus, List<Gpu> gpus) {
  public Machine {
    gpus = List.copyOf(gpus);
    if (memoryMebibytes <= 0) {
      throw new IllegalArgumentException(
          "memory for instances " + memoryMebibytes + " MiB: expected more than 0");
    }
    if (vcpus <= 0) {
      throw new IllegalArgumentException("vCPUs " + vcpus + ": expected more than 0");
    }
    if (gpus.stream().map(Gpu::id).distinct().count() < gpus.size()) {
      throw new IllegalArgumentException("a GPU is listed twice: " + gpus);
    }
  }
}
