package dev.mlp.controlplane.invocation;

import java.util.List;

/**
 * A production variant and the instances of it that are ready.
 *
 * @param weight its share of the traffic, relative to the other variants'; 0 for none but by name
 */
public record VariantRoute(String name, double weight, List<InstanceRoute> instances) {
  public VariantRoute {
    instances = List.copyOf(instances);
    if (!(weight >= 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "variant '" + name + "' has weight " + weight + ": expected 0 or more");
    }
  }
}
