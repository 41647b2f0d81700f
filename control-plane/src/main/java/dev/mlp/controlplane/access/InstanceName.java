package dev.mlp.controlplane.access;

/**
 * An instance, as its access key is made out to it.
 *
 * @param group the instance group's id
 * @param host unique in the group, such as {@code algo-1}
 */
public record InstanceName(Tenant tenant, String group, String host) {}
