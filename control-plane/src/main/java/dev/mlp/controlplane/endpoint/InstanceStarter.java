package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.InstanceSize;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.invocation.EndpointKey;
import dev.mlp.controlplane.logs.LogStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gets an instance memory and GPUs, and hands it to the runtime: as often as asked, with the same
 * result.
 */
final class InstanceStarter {
  static final String HOST = "primary";

  private static final String FAILURE_FILE = "output/failure";
  private static final String MODEL_FOLDER = "model";
  private static final int PORT = 8080;

  private final ContainerRuntime runtime;
  private final Capacity capacity;
  private final InstanceSizing sizing;
  private final LogStore logs;

  InstanceStarter(
      ContainerRuntime runtime, Capacity capacity, InstanceSizing sizing, LogStore logs) {
    this.runtime = runtime;
    this.capacity = capacity;
    this.sizing = sizing;
    this.logs = logs;
  }

  /**
   * Empty when the runtime has it; otherwise what it waits for.
   *
   * @throws ContainerRuntimeException when the runtime does not take it on
   */
  Optional<String> start(EndpointKey key, Instance instance, VariantSpec spec, Instant now)
      throws ContainerRuntimeException {
    return switch (size(sizing, spec)) {
      case InstanceSize.Refused(var reason) -> throw new ContainerRuntimeException(reason, false);
      case InstanceSize.Given size ->
          switch (capacity.reserve(instance.group(), size.demand(Optional.empty()), now)) {
            case Capacity.Answer.Waiting(var reason) -> Optional.of(reason);
            case Capacity.Answer.Granted granted -> {
              Resources resources = size.resources(granted, spec.volumeBytes()).getFirst();
              runtime.start(group(key, instance, spec, resources, now));
              yield Optional.empty();
            }
          };
    };
  }

  /** What an instance of the variant gets here. */
  static InstanceSize size(InstanceSizing sizing, VariantSpec spec) {
    return sizing.size(spec.instanceType(), 1, spec.instances());
  }

  private InstanceGroupSpec group(
      EndpointKey key, Instance instance, VariantSpec spec, Resources resources, Instant now) {
    Path log =
        logs.create(
            InstanceNames.log(key.tenant(), key.name(), instance.variant(), instance.id()), now);
    // The model's own variables win: what a user says is meant.
    Map<String, String> environment = new HashMap<>();
    environment.put("AWS_REGION", key.tenant().region());
    environment.put("AWS_DEFAULT_REGION", key.tenant().region());
    environment.putAll(spec.environment());
    MemberSpec member =
        new MemberSpec(
            HOST,
            spec.image(),
            List.of(),
            List.of("serve"),
            environment,
            Map.of(),
            spec.modelData()
                .map(address -> List.of(new Input(address, MODEL_FOLDER, Input.Kind.ARCHIVE)))
                .orElse(List.of()),
            List.of(),
            FAILURE_FILE,
            log,
            OptionalInt.of(PORT),
            resources);
    return new InstanceGroupSpec(
        instance.group(),
        new Owner(key.tenant(), Owner.Kind.ENDPOINT, key.name()),
        List.of(member),
        spec.networkIsolation());
  }
}
