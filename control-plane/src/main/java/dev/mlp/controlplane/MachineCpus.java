package dev.mlp.controlplane;

/** How many CPUs instances have in all. */
final class MachineCpus {
  private MachineCpus() {}

  /** A container's own quota and CPU set count as the machine's CPUs; the server keeps none. */
  static int forInstances() {
    return Runtime.getRuntime().availableProcessors();
  }
}
