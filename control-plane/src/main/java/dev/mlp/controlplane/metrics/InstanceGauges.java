package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Owner;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** What running instances use, for Prometheus; an instance's gauges go when it ends. */
public final class InstanceGauges {
  private static final Map<String, String> NAMES =
      Map.of(
          Utilization.CPU, "mlp.instance.cpu.percent",
          Utilization.MEMORY, "mlp.instance.memory.percent",
          Utilization.DISK, "mlp.instance.disk.percent",
          Utilization.GPU, "mlp.instance.gpu.percent",
          Utilization.GPU_MEMORY, "mlp.instance.gpu.memory.percent");

  /** An instance of a group. */
  record Instance(GroupId group, String hostName) {}

  private static final class Value {
    private volatile double now;
  }

  private record Shown(Value value, Meter meter) {}

  private final MeterRegistry registry;
  private final Object lock = new Object();
  private final Map<Instance, Map<String, Shown>> gauges = new HashMap<>();

  public InstanceGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Shows what an instance uses now.
   *
   * @param percent by SageMaker's names
   */
  void show(Instance instance, Owner owner, String variant, Map<String, Double> percent) {
    Tags tags =
        Tags.of(
            "account", owner.tenant().account(),
            "region", owner.tenant().region(),
            "kind", owner.kind().name().toLowerCase(Locale.ROOT),
            "name", owner.name(),
            "variant", variant,
            "group", instance.group().value(),
            "host", instance.hostName());
    synchronized (lock) {
      Map<String, Shown> shown = gauges.computeIfAbsent(instance, _ -> new HashMap<>());
      percent.forEach((metric, value) ->
          shown.computeIfAbsent(metric, _ -> register(metric, tags)).value().now = value);
    }
  }

  private Shown register(String metric, Tags tags) {
    Value value = new Value();
    return new Shown(
        value,
        Gauge.builder(Objects.requireNonNull(NAMES.get(metric)), value, v -> v.now)
            .description(metric + " of a running instance")
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  /** Shows no others any more. */
  void retain(Predicate<Instance> running) {
    synchronized (lock) {
      gauges
          .entrySet()
          .removeIf(entry -> {
            if (running.test(entry.getKey())) {
              return false;
            }
            entry.getValue().values().forEach(shown -> registry.remove(shown.meter()));
            return true;
          });
    }
  }
}
