package dev.mlp.controlplane.capacity;

import java.util.regex.Pattern;

/**
 * A row of the catalogue.
 *
 * @param name such as {@code ml.m5.large}, or a word such as {@code local}
 */
public record InstanceType(String name, int vcpus, long memoryMebibytes, int gpus) {
  private static final Pattern NAME =
      Pattern.compile("ml(\\.[a-z0-9]+(-[a-z0-9]+)*){2}|[a-z][a-z0-9]*(-[a-z0-9]+)*");

  public InstanceType {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "instance type '"
              + name
              + "': expected a name such as ml.home.large, or a word of a-z, 0-9 and dashes");
    }
    if (vcpus < 1 || memoryMebibytes < 1 || gpus < 0) {
      throw new IllegalArgumentException(
          "instance type '%s' with %d vCPUs, %d MiB and %d GPUs: expected 1 vCPU and 1 MiB at least"
              .formatted(name, vcpus, memoryMebibytes, gpus));
    }
  }
}
