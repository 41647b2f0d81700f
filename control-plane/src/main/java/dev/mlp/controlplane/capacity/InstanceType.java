package dev.mlp.controlplane.capacity;

/**
 * A row of the catalogue.
 *
 * @param name such as {@code ml.m5.large}
 */
public record InstanceType(String name, int vcpus, long memoryMebibytes, int gpus) {}
