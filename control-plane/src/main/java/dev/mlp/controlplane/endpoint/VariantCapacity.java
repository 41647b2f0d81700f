package dev.mlp.controlplane.endpoint;

/**
 * How many instances of a variant are wanted, and its share of the traffic. Whoever changes one of
 * these, writes it here: a user, later an autoscaler or a roll-out.
 */
public record VariantCapacity(String variant, int desiredCount, double weight) {}
