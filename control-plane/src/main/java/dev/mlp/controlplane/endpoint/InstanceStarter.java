package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.InstanceCredentials;
import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.access.InstanceVariables;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceType;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Gets an instance memory and hands it to the runtime: as often as asked, with the same result. */
final class InstanceStarter {
  static final String HOST = "primary";

  private static final String FAILURE_FILE = "output/failure";
  private static final String MODEL_FOLDER = "model";
  private static final String CODE = "SAGEMAKER_SUBMIT_DIRECTORY";
  private static final int PORT = 8080;

  private final ContainerRuntime runtime;
  private final Capacity capacity;
  private final LogStore logs;
  private final InstanceCredentials credentials;

  InstanceStarter(
      ContainerRuntime runtime, Capacity capacity, LogStore logs, InstanceCredentials credentials) {
    this.runtime = runtime;
    this.capacity = capacity;
    this.logs = logs;
    this.credentials = credentials;
  }

  /**
   * Empty when the runtime has it; otherwise what it waits for.
   *
   * @throws ContainerRuntimeException when the runtime does not take it on
   */
  Optional<String> start(EndpointKey key, Instance instance, VariantSpec spec, Instant now)
      throws ContainerRuntimeException {
    InstanceType type =
        InstanceCatalogue.fitted(
            InstanceCatalogue.find(spec.instanceType())
                .orElseThrow(() ->
                    new ContainerRuntimeException(
                        "instance type '" + spec.instanceType() + "' is not known", false)),
            capacity.largestMebibytes());
    return switch (capacity.reserve(instance.group(), type.memoryMebibytes(), now)) {
      case Capacity.Answer.Waiting(var reason) -> Optional.of(reason);
      case Capacity.Answer.Granted _ -> {
        runtime.start(group(key, instance, spec, type, now));
        yield Optional.empty();
      }
    };
  }

  private InstanceGroupSpec group(
      EndpointKey key, Instance instance, VariantSpec spec, InstanceType type, Instant now) {
    Path log =
        logs.create(
            InstanceNames.log(key.tenant(), key.name(), instance.variant(), instance.id()), now);
    MemberSpec member =
        new MemberSpec(
            HOST,
            spec.image(),
            List.of(),
            List.of("serve"),
            // The model's own variables win: what a user says is meant.
            InstanceVariables.merged(platform(key, instance, spec), spec.environment()),
            Map.of(),
            spec.modelData()
                .map(address -> List.of(new Input(address, MODEL_FOLDER, Input.Kind.ARCHIVE)))
                .orElse(List.of()),
            List.of(),
            FAILURE_FILE,
            log,
            OptionalInt.of(PORT),
            Resources.of(type.memoryMebibytes(), type.vcpus()));
    return new InstanceGroupSpec(
        instance.group(),
        new Owner(key.tenant(), Owner.Kind.ENDPOINT, key.name()),
        List.of(member),
        spec.networkIsolation());
  }

  private Map<String, String> platform(EndpointKey key, Instance instance, VariantSpec spec) {
    return spec.networkIsolation()
        ? InstanceVariables.withoutNetwork(key.tenant())
        : credentials.issue(
            new InstanceName(key.tenant(), instance.group().value(), HOST),
            runtime.platformHost(),
            scope(spec));
  }

  /** The model, and the code where the container fetches it by itself; nothing to write. */
  private static StoreScope scope(VariantSpec spec) {
    List<Area> readable = new ArrayList<>();
    spec.modelData().ifPresent(model -> readable.add(Area.object(model.bucket(), model.key())));
    String code = spec.environment().getOrDefault(CODE, "");
    if (code.startsWith("s3://")) {
      try {
        S3Address address = S3Address.parse(code);
        readable.add(Area.prefix(address.bucket(), address.key()));
      } catch (IllegalArgumentException _) {
        // The program will say what is wrong with it.
      }
    }
    return new StoreScope(readable, List.of());
  }
}
