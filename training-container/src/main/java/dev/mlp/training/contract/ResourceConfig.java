package dev.mlp.training.contract;

import java.util.List;

/**
 * What an instance is told about itself and its peers in {@code resourceconfig.json}.
 *
 * @param hosts every host of the job, over all groups
 * @param networkInterfaceName {@code eth0} on SageMaker
 */
public record ResourceConfig(
    String currentHost,
    String currentInstanceType,
    String currentGroupName,
    List<String> hosts,
    List<InstanceGroup> instanceGroups,
    String networkInterfaceName) {
  /** The name of the only group of a job whose request names none. */
  public static final String HOMOGENEOUS_CLUSTER = "homogeneousCluster";

  public ResourceConfig {
    hosts = List.copyOf(hosts);
    instanceGroups = List.copyOf(instanceGroups);
  }
}
