package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** What one instance uses: as its control group counts it, else summed up over its processes. */
final class UsageMeter {
  private static final long NANOS_PER_TICK = 10_000_000;

  private final AtomicLong mostNanos = new AtomicLong();

  /**
   * Measures.
   *
   * @param diskBytes as it was last measured
   */
  Usage measure(
      InstanceProcesses processes, Optional<ShimIdentity> shim, OptionalLong diskBytes, Instant now)
      throws IOException {
    OptionalLong cpu = OptionalLong.empty();
    OptionalLong memory = OptionalLong.empty();
    OptionalLong limit = OptionalLong.empty();
    if (processes.cgroup().isPresent()) {
      InstanceCgroup cgroup = processes.cgroup().get();
      cpu = cgroup.cpuNanos();
      memory = cgroup.memoryBytes();
      limit = cgroup.memoryLimitBytes();
    }
    if (cpu.isEmpty() || memory.isEmpty()) {
      List<ProcessTable.Entry> all = processes.find(shim);
      if (cpu.isEmpty()) {
        long sum = all.stream().mapToLong(ProcessTable.Entry::cpuTicks).sum() * NANOS_PER_TICK;
        // The time of a process that nobody of them waited for is forgotten at its end.
        cpu = OptionalLong.of(mostNanos.accumulateAndGet(sum, Math::max));
      }
      if (memory.isEmpty()) {
        memory = OptionalLong.of(all.stream().mapToLong(ProcessTable.Entry::privateBytes).sum());
      }
    }
    long machine = machineBytes();
    return new Usage(
        now,
        cpu.getAsLong(),
        memory.getAsLong(),
        Math.min(machine, limit.orElse(machine)),
        diskBytes,
        List.of());
  }

  private static long machineBytes() throws IOException {
    OptionalLong kibibytes = OptionalLong.empty();
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        String number = line.replaceAll("\\D", "");
        kibibytes = OptionalLong.of(Long.parseLong(number));
      }
    }
    return kibibytes.orElseThrow(() -> new IOException("/proc/meminfo has no MemTotal")) * 1024;
  }
}
