package dev.mlp.controlplane.invocation;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A variant as the gateway looks it up: instances in an array, counters beside it. */
final class RoutedVariant {
  private final String name;
  private final double weight;
  private final Traffic traffic;
  private final RoutedInstance[] instances;

  RoutedVariant(String name, double weight, Traffic traffic, List<RoutedInstance> instances) {
    this.name = name;
    this.weight = weight;
    this.traffic = traffic;
    this.instances = instances.toArray(RoutedInstance[]::new);
  }

  String name() {
    return name;
  }

  double weight() {
    return weight;
  }

  Traffic traffic() {
    return traffic;
  }

  List<RoutedInstance> instances() {
    return List.of(instances);
  }

  boolean ready() {
    return instances.length > 0;
  }

  /**
   * The less busy of two at random: nearly as even as asking all of them, and without the herd that
   * runs to the one that looked idle. Its place is taken; null when none can take one.
   */
  @Nullable RoutedInstance acquire(RandomGenerator random) {
    int count = instances.length;
    if (count == 0) {
      return null;
    }
    RoutedInstance chosen = instances[0];
    if (count > 1) {
      int first = random.nextInt(count);
      int second = random.nextInt(count - 1);
      RoutedInstance one = instances[first];
      RoutedInstance other = instances[second >= first ? second + 1 : second];
      chosen = other.traffic().inFlight() < one.traffic().inFlight() ? other : one;
    }
    return chosen.acquire() ? chosen : acquireOtherThan(Set.of(chosen));
  }

  /** The least busy of those that have not been tried; for the rare second attempt. */
  @Nullable RoutedInstance acquireOtherThan(Set<RoutedInstance> tried) {
    RoutedInstance least = null;
    for (RoutedInstance instance : instances) {
      if (tried.contains(instance) || !instance.acquire()) {
        continue;
      }
      if (least == null) {
        least = instance;
      } else if (instance.traffic().inFlight() <= least.traffic().inFlight()) {
        least.release();
        least = instance;
      } else {
        instance.release();
      }
    }
    return least;
  }
}
