package dev.mlp.controlplane.invocation;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shows the gateway's counters in a registry: meters that read them when somebody asks, so an
 * invocation pays nothing for it. {@link #refresh} is called now and then, or before a scrape.
 */
public final class InvocationMetrics {
  private final RouteTable routes;
  private final MeterRegistry registry;
  private final Object lock = new Object();
  private final Map<VariantKey, List<Meter>> meters = new HashMap<>();

  /** An endpoint made again under its old name counts from zero: the counters tell them apart. */
  private record VariantKey(EndpointKey endpoint, String variant, Traffic traffic) {}

  public InvocationMetrics(RouteTable routes, MeterRegistry registry) {
    this.routes = routes;
    this.registry = registry;
  }

  /** Registers variants that are new, and removes those that have gone. */
  public void refresh() {
    synchronized (lock) {
      Set<VariantKey> present = new HashSet<>();
      routes.eachVariant(
          (endpoint, variant, traffic) -> present.add(new VariantKey(endpoint, variant, traffic)));
      meters
          .entrySet()
          .removeIf(entry -> {
            if (present.contains(entry.getKey())) {
              return false;
            }
            entry.getValue().forEach(registry::remove);
            return true;
          });
      present.forEach(key -> meters.computeIfAbsent(key, this::register));
    }
  }

  private List<Meter> register(VariantKey key) {
    Traffic traffic = key.traffic();
    Tags tags =
        Tags.of(
            "account",
            key.endpoint().tenant().account(),
            "region",
            key.endpoint().tenant().region(),
            "endpoint",
            key.endpoint().name(),
            "variant",
            key.variant());
    List<Meter> made = new ArrayList<>();
    made.add(
        FunctionCounter.builder("mlp.invocations", traffic, t -> (double) t.counts().invocations())
            .description("Invocations answered, whatever the answer")
            .tags(tags)
            .register(registry));
    made.add(
        FunctionCounter.builder(
                "mlp.invocation.4xx.errors", traffic, t -> (double) t.counts().clientErrors())
            .description("Invocations that the model answered with 4xx")
            .tags(tags)
            .register(registry));
    made.add(
        FunctionCounter.builder(
                "mlp.invocation.5xx.errors", traffic, t -> (double) t.counts().serverErrors())
            .description("Invocations that the model answered with 5xx or not at all")
            .tags(tags)
            .register(registry));
    made.add(
        FunctionCounter.builder(
                "mlp.model.latency", traffic, t -> t.counts().modelLatency().toNanos() / 1e9)
            .description("Time that invocations spent in the model, in sum")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry));
    made.add(
        FunctionCounter.builder(
                "mlp.overhead.latency", traffic, t -> t.counts().overheadLatency().toNanos() / 1e9)
            .description("Time that the gateway added to invocations, in sum")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry));
    made.add(
        Gauge.builder("mlp.invocations.in.flight", traffic, Traffic::inFlight)
            .description("Invocations taken and not yet answered")
            .tags(tags)
            .register(registry));
    return made;
  }
}
