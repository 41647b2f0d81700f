package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.invocation.EndpointRoute;
import dev.mlp.controlplane.invocation.InstanceRoute;
import dev.mlp.controlplane.invocation.VariantRoute;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the gateway is to know of an endpoint. Pure. */
final class EndpointRoutes {
  private EndpointRoutes() {}

  /**
   * @param usable leaves ready instances out that are known to be gone
   */
  static EndpointRoute of(EndpointView view, long version, Predicate<Instance> usable) {
    Endpoint endpoint = view.endpoint();
    return switch (endpoint.state()) {
      case EndpointState.InService _ ->
          new EndpointRoute.Serving(
              endpoint.key(),
              version,
              view.capacities().stream()
                  .map(capacity ->
                      new VariantRoute(
                          capacity.variant(),
                          capacity.weight(),
                          ready(view, capacity.variant(), usable)))
                  .toList());
      case EndpointState.Creating _, EndpointState.Deleting _, EndpointState.Failed _ ->
          new EndpointRoute.Closed(endpoint.key(), version, endpoint.state().status());
    };
  }

  private static List<InstanceRoute> ready(
      EndpointView view, String variant, Predicate<Instance> usable) {
    return view.instances(variant).stream()
        .filter(usable)
        .flatMap(instance ->
            instance.state() instanceof InstanceState.Ready(_, var host, var port)
                ? Stream.of(new InstanceRoute(instance.id(), host, port))
                : Stream.empty())
        .toList();
  }
}
