package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One instance's control groups: all of its processes are inside, however far they went from their
 * session. A group that is gone, after a restart of the machine, is empty and has nothing to tell.
 */
sealed interface InstanceCgroup {
  /** As the state folder keeps them, for the shim too: a line {@code NAME FOLDER} for each. */
  Map<String, Path> named();

  /** Sets its bounds; again changes nothing. */
  void limit(Resources resources, int maxProcesses) throws IOException;

  /** Whether the kernel killed one of its processes for memory. */
  boolean ranOutOfMemory() throws IOException;

  /** CPU time of all its processes, ended ones too; empty where that is not counted. */
  OptionalLong cpuNanos() throws IOException;

  /** Without the page cache that is easily given back; empty where that is not counted. */
  OptionalLong memoryBytes() throws IOException;

  /** Empty where it has none. */
  OptionalLong memoryLimitBytes() throws IOException;

  /** From now on none of its processes can start another, so that killing them comes to an end. */
  void forbidNewProcesses() throws IOException;

  default Collection<Path> folders() {
    return Set.copyOf(named().values());
  }

  default Set<Long> processes() throws IOException {
    return CgroupFiles.processes(folders());
  }

  default String toText() {
    return named().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /** What {@link #toText} gave. */
  static InstanceCgroup parse(String text) {
    Map<String, Path> folders = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int space = line.indexOf(' ');
      folders.put(line.substring(0, space), Path.of(line.substring(space + 1)));
    }
    return Optional.ofNullable(folders.get(V2.NAME))
        .<InstanceCgroup>map(V2::new)
        .orElseGet(() -> new V1(folders));
  }

  /** A file's number of the group, in whichever unit the file has. */
  private static void write(Path folder, String file, long value) throws IOException {
    CgroupFiles.write(folder.resolve(file), Long.toString(value));
  }

  /**
   * One hierarchy per controller.
   *
   * @param named the group's folder by controller: {@code memory}, {@code cpu}, {@code cpuacct},
   *     {@code pids}, of which any may be missing
   */
  record V1(Map<String, Path> named) implements InstanceCgroup {
    static final List<String> CONTROLLERS = List.of("memory", "cpu", "cpuacct", "pids");
    private static final long SHARES = 1024;
    private static final long MOST_SHARES = 262_144;
    private static final long PERIOD_MICROS = 100_000;

    /** What the kernel says for "no limit" is this, less a page. */
    private static final long NO_LIMIT = Long.MAX_VALUE - (1L << 20);

    @Override
    public void limit(Resources resources, int maxProcesses) throws IOException {
      Path memory = named.get("memory");
      if (memory != null) {
        long bytes = resources.memoryMebibytes() << 20;
        write(memory, "memory.limit_in_bytes", bytes);
        // Memory and swap together: else what is too much would be swapped out, not refused.
        if (Files.exists(memory.resolve("memory.memsw.limit_in_bytes"))) {
          write(memory, "memory.memsw.limit_in_bytes", bytes);
        }
      }
      Path cpu = named.get("cpu");
      if (cpu != null) {
        write(cpu, "cpu.shares", Math.min(MOST_SHARES, resources.vcpus() * SHARES));
        if (resources.strictCpu()) {
          write(cpu, "cpu.cfs_period_us", PERIOD_MICROS);
          write(cpu, "cpu.cfs_quota_us", resources.vcpus() * PERIOD_MICROS);
        }
      }
      Path pids = named.get("pids");
      if (pids != null) {
        write(pids, "pids.max", maxProcesses);
      }
    }

    @Override
    public boolean ranOutOfMemory() throws IOException {
      Path memory = named.get("memory");
      return memory != null
          && CgroupFiles.number(memory.resolve("memory.oom_control"), "oom_kill").orElse(0) > 0;
    }

    @Override
    public OptionalLong cpuNanos() throws IOException {
      Path cpu = named.get("cpuacct");
      return cpu == null ? OptionalLong.empty() : CgroupFiles.number(cpu.resolve("cpuacct.usage"));
    }

    @Override
    public OptionalLong memoryBytes() throws IOException {
      Path memory = named.get("memory");
      return memory == null
          ? OptionalLong.empty()
          : less(
              CgroupFiles.number(memory.resolve("memory.usage_in_bytes")),
              CgroupFiles.number(memory.resolve("memory.stat"), "total_inactive_file"));
    }

    @Override
    public OptionalLong memoryLimitBytes() throws IOException {
      Path memory = named.get("memory");
      OptionalLong limit =
          memory == null
              ? OptionalLong.empty()
              : CgroupFiles.number(memory.resolve("memory.limit_in_bytes"));
      return limit.orElse(Long.MAX_VALUE) < NO_LIMIT ? limit : OptionalLong.empty();
    }

    @Override
    public void forbidNewProcesses() throws IOException {
      Path pids = named.get("pids");
      if (pids != null && Files.exists(pids)) {
        write(pids, "pids.max", 0);
      }
    }
  }

  /** All controllers in one hierarchy; which of them the group has shows in its files. */
  record V2(Path folder) implements InstanceCgroup {
    static final String NAME = "unified";

    /** What a group has whose weight nobody set: one CPU's worth here. */
    private static final long WEIGHT = 100;

    private static final long MOST_WEIGHT = 10_000;
    private static final long PERIOD_MICROS = 100_000;

    @Override
    public Map<String, Path> named() {
      return Map.of(NAME, folder);
    }

    @Override
    public void limit(Resources resources, int maxProcesses) throws IOException {
      if (has("memory.max")) {
        write(folder, "memory.max", resources.memoryMebibytes() << 20);
        if (has("memory.swap.max")) {
          write(folder, "memory.swap.max", 0);
        }
      }
      if (has("cpu.weight")) {
        write(folder, "cpu.weight", Math.min(MOST_WEIGHT, resources.vcpus() * WEIGHT));
        if (resources.strictCpu()) {
          CgroupFiles.write(
              folder.resolve("cpu.max"), resources.vcpus() * PERIOD_MICROS + " " + PERIOD_MICROS);
        }
      }
      if (has("pids.max")) {
        write(folder, "pids.max", maxProcesses);
      }
    }

    private boolean has(String file) {
      return Files.exists(folder.resolve(file));
    }

    @Override
    public boolean ranOutOfMemory() throws IOException {
      return CgroupFiles.number(folder.resolve("memory.events"), "oom_kill").orElse(0) > 0;
    }

    @Override
    public OptionalLong cpuNanos() throws IOException {
      OptionalLong micros = CgroupFiles.number(folder.resolve("cpu.stat"), "usage_usec");
      return micros.isPresent() ? OptionalLong.of(micros.getAsLong() * 1000) : micros;
    }

    @Override
    public OptionalLong memoryBytes() throws IOException {
      return less(
          CgroupFiles.number(folder.resolve("memory.current")),
          CgroupFiles.number(folder.resolve("memory.stat"), "inactive_file"));
    }

    @Override
    public OptionalLong memoryLimitBytes() throws IOException {
      return CgroupFiles.number(folder.resolve("memory.max"));
    }

    @Override
    public void forbidNewProcesses() throws IOException {
      if (has("pids.max")) {
        write(folder, "pids.max", 0);
      }
    }
  }

  private static OptionalLong less(OptionalLong bytes, OptionalLong part) {
    return bytes.isPresent()
        ? OptionalLong.of(Math.max(0, bytes.getAsLong() - part.orElse(0)))
        : bytes;
  }
}
