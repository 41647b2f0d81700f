package dev.mlp.controlplane.invocation;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** An endpoint as the gateway looks it up. */
final class RoutedEndpoint {
  private final EndpointRoute route;
  private final RoutedVariant[] variants;

  RoutedEndpoint(EndpointRoute route, List<RoutedVariant> variants) {
    this.route = route;
    this.variants = variants.toArray(RoutedVariant[]::new);
  }

  EndpointRoute route() {
    return route;
  }

  List<RoutedVariant> variants() {
    return List.of(variants);
  }

  /** The variant of that name, ready or not. */
  @Nullable RoutedVariant variant(String name) {
    for (RoutedVariant variant : variants) {
      if (variant.name().equals(name)) {
        return variant;
      }
    }
    return null;
  }

  /**
   * A variant by weight among those that have ready instances: one that has just lost its last
   * instance gives its share to the others. Null when none is ready.
   */
  @Nullable RoutedVariant pick(RandomGenerator random) {
    if (variants.length == 1) {
      return variants[0].ready() ? variants[0] : null;
    }
    double total = 0;
    for (RoutedVariant variant : variants) {
      total += variant.ready() ? variant.weight() : 0;
    }
    double point = random.nextDouble() * total;
    RoutedVariant last = null;
    for (RoutedVariant variant : variants) {
      if (!variant.ready() || variant.weight() == 0) {
        continue;
      }
      last = variant;
      point -= variant.weight();
      if (point < 0) {
        return variant;
      }
    }
    return last;
  }
}
