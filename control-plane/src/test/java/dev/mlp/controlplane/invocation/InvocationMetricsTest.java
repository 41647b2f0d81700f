package dev.mlp.controlplane.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InvocationMetricsTest {
  private static final EndpointKey KEY =
      new EndpointKey(new Tenant("123456789012", "us-east-1"), "titanic");
  private static final String LABELS =
      "{account=\"123456789012\",endpoint=\"titanic\",region=\"us-east-1\",variant=\"A\"}";

  private final RouteTable routes = new RouteTable();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final InvocationMetrics metrics = new InvocationMetrics(routes, registry);

  @Test
  void showsWhatWentThroughAVariantAndForgetsItWithTheEndpoint() {
    publish(1, 8080);
    metrics.refresh();
    RoutedVariant variant = variant();
    variant.traffic().begin();
    variant.traffic().answered(200, 1_500_000_000L, 500_000_000L);
    variant.traffic().answered(400, 0, 0);
    variant.traffic().answered(0, 0, 0);

    assertThat(registry.scrape())
        .contains("mlp_invocations_total" + LABELS + " 3.0")
        .contains("mlp_invocation_4xx_errors_total" + LABELS + " 1.0")
        .contains("mlp_invocation_5xx_errors_total" + LABELS + " 1.0")
        .contains("mlp_model_latency_seconds_total" + LABELS + " 1.5")
        .contains("mlp_overhead_latency_seconds_total" + LABELS + " 0.5")
        .contains("mlp_invocations_in_flight" + LABELS + " 1.0");

    routes.withdraw(KEY);
    publish(2, 8080);
    metrics.refresh();
    assertThat(registry.scrape()).contains("mlp_invocations_total" + LABELS + " 0.0");
    routes.withdraw(KEY);
    metrics.refresh();
    assertThat(registry.scrape()).doesNotContain("titanic");
  }

  @Test
  void countersOutliveInstancesAndLateSnapshotsAreDropped() {
    publish(5, 8080);
    variant().traffic().answered(200, 1, 1);
    publish(6, 9090);
    publish(4, 7070);

    assertThat(variant().traffic().counts().invocations()).isEqualTo(1);
    RoutedInstance instance = variant().acquire(new Random(1));
    assertThat(instance).isNotNull();
    assertThat(routes.traffic().variants().getFirst().instances())
        .extracting(TrafficSnapshot.Instance::id)
        .containsExactly("i-9090");
  }

  @Test
  void anInstanceKeepsItsCountersAndPlaceFromSnapshotToSnapshot() {
    publish(1, 8080);
    RoutedInstance before = variant().acquire(new Random(1));
    publish(2, 8080);

    assertThat(variant().instances()).containsExactly(before);
    assertThat(routes.drain(KEY, "i-8080")).isNotDone();
    assertThat(variant().acquire(new Random(1))).isNull();
    assertThat(before).isNotNull().satisfies(RoutedInstance::release);
    assertThat(routes.drain(KEY, "i-8080")).isDone();
  }

  private RoutedVariant variant() {
    return Objects.requireNonNull(routes.find(KEY)).variants().getFirst();
  }

  private void publish(long version, int port) {
    routes.publish(
        new EndpointRoute.Serving(
            KEY,
            version,
            List.of(
                new VariantRoute(
                    "A", 1, List.of(new InstanceRoute("i-" + port, "127.0.0.1", port))))));
  }
}
