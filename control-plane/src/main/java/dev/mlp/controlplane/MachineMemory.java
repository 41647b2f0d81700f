package dev.mlp.controlplane;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much of the machine's memory instances may reserve, where nobody has configured it. */
final class MachineMemory {
  /** For the server itself, the clients beside it and the system. */
  private static final long KEPT_MEBIBYTES = 1024;

  private MachineMemory() {}

  /** In MiB; a container's own limit counts as the machine's memory. */
  static long forInstances() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return forInstances(system.getTotalMemorySize() >> 20);
  }

  /** Of so much; in MiB. */
  static long forInstances(long total) {
    return Math.max(total / 2, total - KEPT_MEBIBYTES);
  }
}
