package dev.mlp.controlplane.capacity;

import java.util.OptionalLong;

/**
 * A graphics card of this machine.
 *
 * @param id as {@code nvidia-smi -L} gives it, such as {@code GPU-5a1f…}: the same after a restart
 * @param memoryMebibytes empty where the driver does not tell, as for memory shared with the CPUs
 */
public record Gpu(String id, OptionalLong memoryMebibytes) {
  private static final int LONGEST = 80;

  public Gpu {
    if (id.isBlank() || id.length() > LONGEST) {
      throw new IllegalArgumentException("GPU '" + id + "': expected 1 to 80 characters");
    }
  }
}
