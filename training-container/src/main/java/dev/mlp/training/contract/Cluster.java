package dev.mlp.training.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hosts and instance groups of a job, as {@code resourceconfig.json} and the switches say. */
final class Cluster {
  private static final List<String> DISTRIBUTION_SWITCHES =
      List.of(
          "sagemaker_mpi_enabled",
          "sagemaker_parameter_server_enabled",
          "sagemaker_distributed_dataparallel_enabled",
          "sagemaker_pytorch_ddp_enabled",
          "sagemaker_pytorch_xla_multi_worker_enabled",
          "sagemaker_multi_worker_mirrored_strategy_enabled",
          "sagemaker_torch_distributed_enabled");

  final PythonValue hosts;
  final String currentHost;
  final PythonValue currentInstanceType;
  final PythonValue currentGroup;
  final PythonValue groups;
  final PythonValue groupsByName;
  final PythonValue currentGroupHosts;
  final PythonValue distributionGroups;
  final PythonValue distributionHosts;
  final String masterHost;
  final boolean isHeterogeneous;

  Cluster(PythonValue.Dict resources, PythonValue.Dict framework) {
    List<PythonValue> allHosts = items(resources.get("hosts"));
    if (allHosts.isEmpty() || !(resources.get("current_host") instanceof PythonValue.Text host)) {
      throw new IllegalArgumentException(
          "resourceconfig.json must name \"current_host\" and at least one of \"hosts\"");
    }
    hosts = new PythonValue.Items(allHosts);
    currentHost = host.value();
    currentInstanceType = orElse(resources.get("current_instance_type"), "local");
    currentGroup = orElse(resources.get("current_group_name"), ResourceConfig.HOMOGENEOUS_CLUSTER);

    List<PythonValue> names = new ArrayList<>();
    Map<String, PythonValue> byName = new LinkedHashMap<>();
    for (PythonValue entry : items(resources.get("instance_groups"))) {
      if (entry instanceof PythonValue.Dict group) {
        PythonValue name = group.get("instance_group_name");
        names.add(name);
        byName.put(name.str(), group);
      }
    }
    groups = new PythonValue.Items(names);
    groupsByName = new PythonValue.Dict(byName);
    isHeterogeneous = names.size() > 1;
    currentGroupHosts = new PythonValue.Items(hostsOf(byName, currentGroup));

    PythonValue named = framework.get("sagemaker_distribution_instance_groups");
    distributionGroups =
        named != PythonValue.None.NONE
            ? named
            : new PythonValue.Items(
                isDistributed(framework) ? List.of(currentGroup) : List.<PythonValue>of());
    List<PythonValue> taking = new ArrayList<>();
    if (names.isEmpty()) {
      taking.addAll(allHosts);
    }
    for (PythonValue name : names) {
      if (items(distributionGroups).contains(name)) {
        taking.addAll(hostsOf(byName, name));
      }
    }
    distributionHosts = new PythonValue.Items(taking);
    masterHost = (taking.isEmpty() ? allHosts : taking).getFirst().str();
  }

  private static boolean isDistributed(PythonValue.Dict framework) {
    for (String name : DISTRIBUTION_SWITCHES) {
      if (framework.get(name).isTrue()) {
        return true;
      }
    }
    return false;
  }

  private static List<PythonValue> hostsOf(Map<String, PythonValue> groups, PythonValue name) {
    return groups.get(name.str()) instanceof PythonValue.Dict group
        ? items(group.get("hosts"))
        : List.of();
  }

  private static List<PythonValue> items(PythonValue value) {
    return value instanceof PythonValue.Items items ? items.values() : List.of();
  }

  private static PythonValue orElse(PythonValue value, String otherwise) {
    return value == PythonValue.None.NONE ? new PythonValue.Text(otherwise) : value;
  }
}
