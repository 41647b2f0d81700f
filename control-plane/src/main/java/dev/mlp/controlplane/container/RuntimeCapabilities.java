package dev.mlp.controlplane.container;

/**
 * What a runtime can give.
 *
 * @param anyImage runs images other than the built-in ones
 * @param networkIsolation can cut a group off from the network
 * @param gpus instances can have GPUs of their own
 */
public record RuntimeCapabilities(boolean anyImage, boolean networkIsolation, boolean gpus) {}
