package dev.mlp.controlplane.invocation;

import java.util.List;

/** The counters of every variant that the gateway has a route to, at one moment. */
public record TrafficSnapshot(List<Variant> variants) {
  public TrafficSnapshot {
    variants = List.copyOf(variants);
  }

  /** A variant: its own counters outlive its instances. */
  public record Variant(
      EndpointKey endpoint, String name, InvocationCounts counts, List<Instance> instances) {
    public Variant {
      instances = List.copyOf(instances);
    }
  }

  /** One ready instance. */
  public record Instance(String id, InvocationCounts counts) {}
}
