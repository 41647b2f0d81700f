package dev.mlp.training.contract;

import java.util.List;

/**
 * Instances of one type.
 *
 * @param name {@code homogeneousCluster} unless the request names its groups
 * @param hosts host names, {@code algo-1} and on
 */
public record InstanceGroup(String name, String instanceType, List<String> hosts) {
  public InstanceGroup {
    hosts = List.copyOf(hosts);
  }
}
