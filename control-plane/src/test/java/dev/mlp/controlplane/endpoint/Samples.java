package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.CpuMode;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.invocation.EndpointKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Rows and observations for tests of what is decided on them. */
final class Samples {
  static final Tenant TENANT = new Tenant("123456789012", "us-east-1");
  static final EndpointKey KEY = new EndpointKey(TENANT, "titanic");
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  static final EndpointLimits LIMITS = EndpointLimits.defaults();
  static final VariantSpec SPEC = spec("AllTraffic");

  private Samples() {}

  static VariantSpec spec(String variant) {
    return new VariantSpec(
        variant,
        "model",
        "mlp-inference",
        Optional.of(S3Address.parse("s3://bucket/model.tar.gz")),
        Map.of("A", "1"),
        false,
        "ml.m5.large",
        1,
        OptionalLong.of(30L << 30),
        Duration.ofMinutes(10),
        Duration.ofMinutes(1));
  }

  /** Types fitted to a machine. */
  static InstanceSizing sizing(Machine machine) {
    return new InstanceSizing(
        InstanceCatalogue.builtIn(), machine, InstanceTypes.FIT, CpuMode.SHARED);
  }

  static Generation generation(String... variants) {
    return new Generation(1, "config", List.of(variants).stream().map(Samples::spec).toList(), NOW);
  }

  static Endpoint endpoint(EndpointState state) {
    return new Endpoint(KEY, 1, state, 1, NOW, NOW);
  }

  static Instance instance(int number, InstanceState state) {
    return instance(number, "AllTraffic", state);
  }

  static Instance instance(int number, String variant, InstanceState state) {
    String id = "i-%017x".formatted(number);
    return new Instance(
        id, variant, 1, InstanceNames.group("titanic", id), state, 1, NOW.plusMillis(number));
  }

  static EndpointView view(EndpointState state, int desired, Instance... instances) {
    return new EndpointView(
        endpoint(state),
        List.of(generation("AllTraffic")),
        List.of(new VariantCapacity("AllTraffic", desired, 1)),
        List.of(instances));
  }

  static InstanceState ready() {
    return new InstanceState.Ready(NOW, "127.0.0.1", 8080);
  }

  static InstanceState failed(Instant at, InstanceFailure.Cause cause, String reason) {
    return new InstanceState.Failed(at, new InstanceFailure(cause, reason));
  }

  static InstanceObservation seen(Phase phase, PingHealth pings) {
    return new InstanceObservation(
        Optional.of(
            new MemberObservation(
                "primary",
                phase,
                Optional.of(NOW),
                Optional.of(NOW),
                Optional.empty(),
                Optional.empty(),
                phase instanceof Phase.Running ? Optional.of("127.0.0.1:8080") : Optional.empty())),
        pings,
        false);
  }

  static InstanceObservation unknown() {
    return new InstanceObservation(Optional.empty(), PingHealth.UNKNOWN, false);
  }
}
