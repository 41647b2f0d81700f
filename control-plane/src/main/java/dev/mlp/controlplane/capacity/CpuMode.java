package dev.mlp.controlplane.capacity;

/** What an instance's vCPUs mean. */
public enum CpuMode {
  /** A weight: idle CPUs are anyone's. */
  SHARED,
  /** A quota: no more than that, even while others are idle. */
  STRICT
}
