package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.container.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What an instance uses, in per cent, by SageMaker's names and definitions. Pure. */
final class Utilization {
  static final String CPU = "CPUUtilization";
  static final String MEMORY = "MemoryUtilization";
  static final String DISK = "DiskUtilization";
  static final String GPU = "GPUUtilization";
  static final String GPU_MEMORY = "GPUMemoryUtilization";

  /** How long an average since the beginning says something of now. */
  private static final Duration FIRST = Duration.ofSeconds(30);

  private Utilization() {}

  /**
   * Everything that can be told.
   *
   * @param before the measurement before; empty for the first one
   * @param runningAt when the program began, where a first measurement may count from there
   * @param diskBytes the size of what the instance's disk use is a share of
   */
  static Map<String, Double> of(
      Usage now, Optional<Usage> before, Optional<Instant> runningAt, long diskBytes) {
    Map<String, Double> percent = new LinkedHashMap<>();
    OptionalDouble cpu =
        before.isPresent()
            ? cpu(before.get().at(), before.get().cpuNanos(), now)
            : runningAt
                .filter(began -> !began.plus(FIRST).isBefore(now.at()))
                .map(began -> cpu(began, 0, now))
                .orElse(OptionalDouble.empty());
    cpu.ifPresent(value -> percent.put(CPU, value));
    share(now.memoryBytes(), now.memoryLimitBytes()).ifPresent(v -> percent.put(MEMORY, v));
    OptionalLong disk = now.diskBytes();
    if (disk.isPresent()) {
      share(disk.getAsLong(), diskBytes).ifPresent(value -> percent.put(DISK, value));
    }
    if (!now.gpus().isEmpty()) {
      percent.put(GPU, now.gpus().stream().mapToDouble(Usage.Gpu::utilization).sum());
      percent.put(
          GPU_MEMORY,
          now.gpus().stream()
              .mapToDouble(gpu -> share(gpu.memoryBytes(), gpu.memoryTotalBytes()).orElse(0))
              .sum());
    }
    return percent;
  }

  /**
   * 100 for each core that was busy all the time. Empty where the counter has begun anew, as when
   * an engine has restarted the program, or no time has passed.
   */
  private static OptionalDouble cpu(Instant from, long nanosBefore, Usage now) {
    long passed = Duration.between(from, now.at()).toNanos();
    long used = now.cpuNanos() - nanosBefore;
    return passed <= 0 || used < 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * used / passed);
  }

  private static OptionalDouble share(long part, long whole) {
    return whole <= 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * part / whole);
  }
}
