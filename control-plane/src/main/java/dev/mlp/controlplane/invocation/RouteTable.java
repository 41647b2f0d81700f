package dev.mlp.controlplane.invocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The routes that the gateway serves from, and the counters that belong to them. Read without a
 * lock by the event loops; written by whoever knows the endpoints. Safe for any number of threads.
 */
public final class RouteTable {
  private final ConcurrentHashMap<EndpointKey, RoutedEndpoint> endpoints =
      new ConcurrentHashMap<>();
  // Instances that have left the routes and still have requests to answer, by their id.
  private final ConcurrentHashMap<InstanceKey, RoutedInstance> leaving = new ConcurrentHashMap<>();

  private record InstanceKey(EndpointKey endpoint, String instance) {}

  /** Takes a route in, unless a newer one of the same endpoint is there. */
  public void publish(EndpointRoute route) {
    endpoints.compute(
        route.key(),
        (key, before) ->
            before != null && before.route().version() >= route.version()
                ? before
                : routed(route, before));
  }

  /** Forgets the endpoint: requests for it are told that there is none. */
  public void withdraw(EndpointKey key) {
    endpoints.computeIfPresent(
        key,
        (_, before) -> {
          RoutedEndpoint _ = routed(new EndpointRoute.Serving(key, 0, List.of()), before);
          return null;
        });
  }

  /**
   * Takes no more requests for the instance, even where a snapshot still names it.
   *
   * @return done when no request is outstanding at it; at once for an unknown one. Completed on an
   *     event loop: whatever hangs on it must not block
   */
  public CompletableFuture<Void> drain(EndpointKey key, String instance) {
    InstanceKey id = new InstanceKey(key, instance);
    RoutedInstance routed = leaving.get(id);
    if (routed == null) {
      routed = find(key, instance);
    }
    if (routed == null) {
      return CompletableFuture.completedFuture(null);
    }
    return routed.drain().whenComplete((_, _) -> leaving.remove(id));
  }

  /** All counters now. */
  public TrafficSnapshot traffic() {
    List<TrafficSnapshot.Variant> variants = new ArrayList<>();
    endpoints.forEach((key, endpoint) -> {
      for (RoutedVariant variant : endpoint.variants()) {
        variants.add(
            new TrafficSnapshot.Variant(
                key,
                variant.name(),
                variant.traffic().counts(),
                variant.instances().stream()
                    .map(instance ->
                        new TrafficSnapshot.Instance(
                            instance.route().id(), instance.traffic().counts()))
                    .toList()));
      }
    });
    return new TrafficSnapshot(variants);
  }

  /** What {@link #eachVariant} calls. */
  @FunctionalInterface
  interface VariantVisitor {
    void visit(EndpointKey endpoint, String variant, Traffic traffic);
  }

  void eachVariant(VariantVisitor visitor) {
    endpoints.forEach((key, endpoint) -> {
      for (RoutedVariant variant : endpoint.variants()) {
        visitor.visit(key, variant.name(), variant.traffic());
      }
    });
  }

  @Nullable RoutedEndpoint find(EndpointKey key) {
    return endpoints.get(key);
  }

  private @Nullable RoutedInstance find(EndpointKey key, String instance) {
    RoutedEndpoint endpoint = endpoints.get(key);
    if (endpoint == null) {
      return null;
    }
    for (RoutedVariant variant : endpoint.variants()) {
      for (RoutedInstance routed : variant.instances()) {
        if (routed.route().id().equals(instance)) {
          return routed;
        }
      }
    }
    return null;
  }

  /** Counters, and what is outstanding, go over from the snapshot before. */
  private RoutedEndpoint routed(EndpointRoute route, @Nullable RoutedEndpoint before) {
    Map<String, Traffic> traffic = new HashMap<>();
    Map<InstanceRoute, RoutedInstance> known = new HashMap<>();
    if (before != null) {
      for (RoutedVariant variant : before.variants()) {
        traffic.put(variant.name(), variant.traffic());
        variant.instances().forEach(instance -> known.put(instance.route(), instance));
      }
    }
    List<RoutedVariant> variants = new ArrayList<>();
    if (route instanceof EndpointRoute.Serving serving) {
      for (VariantRoute variant : serving.variants()) {
        List<RoutedInstance> instances = new ArrayList<>();
        for (InstanceRoute instance : variant.instances()) {
          RoutedInstance same = known.remove(instance);
          instances.add(same == null ? new RoutedInstance(instance) : same);
        }
        variants.add(
            new RoutedVariant(
                variant.name(),
                variant.weight(),
                traffic.getOrDefault(variant.name(), new Traffic()),
                instances));
      }
    }
    known
        .values()
        .forEach(gone -> {
          InstanceKey id = new InstanceKey(route.key(), gone.route().id());
          leaving.put(id, gone);
          var _ = gone.drain().whenComplete((_, _) -> leaving.remove(id));
        });
    return new RoutedEndpoint(route, variants);
  }
}
