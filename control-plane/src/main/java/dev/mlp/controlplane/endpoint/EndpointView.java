package dev.mlp.controlplane.endpoint;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/** An endpoint with all its rows, as they were at one moment. */
public record EndpointView(
    Endpoint endpoint,
    List<Generation> generations,
    List<VariantCapacity> capacities,
    List<Instance> instances) {
  public EndpointView {
    generations = List.copyOf(generations);
    capacities = List.copyOf(capacities);
    instances = List.copyOf(instances);
  }

  /** The same rows, were the endpoint in another state. */
  EndpointView in(EndpointState state) {
    Endpoint other =
        new Endpoint(
            endpoint.key(),
            endpoint.generation(),
            state,
            endpoint.version(),
            endpoint.createdAt(),
            endpoint.modifiedAt());
    return new EndpointView(other, generations, capacities, instances);
  }

  /** The generation that is wanted. */
  public Generation generation() {
    return generations.stream()
        .filter(generation -> generation.number() == endpoint.generation())
        .findFirst()
        .orElseThrow(() ->
            new NoSuchElementException(
                "endpoint " + endpoint.key() + " has no generation " + endpoint.generation()));
  }

  /** What the instance runs. */
  public Optional<VariantSpec> spec(Instance instance) {
    return generations.stream()
        .filter(generation -> generation.number() == instance.generation())
        .findFirst()
        .flatMap(generation -> generation.variant(instance.variant()));
  }

  public List<Instance> instances(String variant) {
    return instances.stream().filter(instance -> instance.variant().equals(variant)).toList();
  }

  /** How many instances of the variant get traffic. */
  public int readyCount(String variant) {
    return Math.toIntExact(
        instances(variant).stream()
            .filter(instance -> instance.state() instanceof InstanceState.Ready)
            .count());
  }
}
