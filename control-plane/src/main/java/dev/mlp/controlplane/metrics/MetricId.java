package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.access.Tenant;
import java.util.Comparator;
import java.util.List;

/**
 * What a metric is asked for by: the namespace, the name and every dimension.
 *
 * @param namespace such as {@code /aws/sagemaker/TrainingJobs}
 * @param dimensions sorted by name here, in whatever order they are given
 */
public record MetricId(Tenant tenant, String namespace, String name, List<Dimension> dimensions) {
  /** Of the positions of one tenant's metrics. */
  static final Comparator<List<String>> ORDER =
      Comparator.<List<String>, String>comparing(List::getFirst)
          .thenComparing(position -> position.get(1))
          .thenComparing(List::getLast);

  public MetricId {
    dimensions = dimensions.stream().sorted().toList();
  }

  /** Where it stands in a list. */
  List<String> position() {
    return List.of(namespace, name, dimensions.toString());
  }
}
