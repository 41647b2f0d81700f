package dev.mlp.controlplane.wire;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Permission;
import dev.mlp.controlplane.access.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallLocation;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * Operation name to handler. Filled by the composition root before the server starts, one row per
 * operation; read only from then on.
 */
public final class OperationTable {
  private static final String INVOKE_ENDPOINT = "InvokeEndpoint";
  // Stands for the body, which the front has measured and the container reads.
  private static final SdkBytes BODY = SdkBytes.fromByteArray(new byte[0]);

  /** One operation, with its request's type. */
  private record Row<I extends SdkPojo, O extends SdkPojo>(
      Service service,
      String name,
      Supplier<? extends SdkBuilder<?, I>> request,
      Operation<I, O> operation,
      Permission permission) {}

  private record Key(Service service, String name) {}

  private final RequestChecks checks;
  private final Map<Key, Row<?, ?>> rows = new HashMap<>();

  public OperationTable(RequestChecks checks) {
    this.checks = checks;
  }

  /** A row of SageMaker's API. */
  public <I extends SdkPojo, O extends SdkPojo> OperationTable sagemaker(
      String name, Supplier<? extends SdkBuilder<?, I>> request, Operation<I, O> operation) {
    return add(Service.SAGEMAKER, name, request, operation);
  }

  /** A row of CloudWatch Logs' API. */
  public <I extends SdkPojo, O extends SdkPojo> OperationTable logs(
      String name, Supplier<? extends SdkBuilder<?, I>> request, Operation<I, O> operation) {
    return add(Service.LOGS, name, request, operation);
  }

  /** A row of STS's API. */
  public <I extends SdkPojo, O extends SdkPojo> OperationTable sts(
      String name, Supplier<? extends SdkBuilder<?, I>> request, Operation<I, O> operation) {
    return add(Service.STS, name, request, operation);
  }

  /**
   * A row.
   *
   * @param request the builder, such as {@code CreateTrainingJobRequest::builder}
   * @throws IllegalStateException when the name is taken, or one of the tables does not know it
   */
  public <I extends SdkPojo, O extends SdkPojo> OperationTable add(
      Service service,
      String name,
      Supplier<? extends SdkBuilder<?, I>> request,
      Operation<I, O> operation) {
    if (!checks.knows(service, name)) {
      throw new IllegalStateException(
          name + ": add it to the constraints table and to the table of fields first");
    }
    Row<?, ?> row = new Row<>(service, name, request, operation, Permission.of(name));
    if (rows.putIfAbsent(new Key(service, name), row) != null) {
      throw new IllegalStateException(name + " stands in the table twice");
    }
    return this;
  }

  /** The names of a service's operations. */
  public Set<String> names(Service service) {
    Set<String> names = new TreeSet<>();
    rows.keySet().stream()
        .filter(key -> key.service() == service)
        .forEach(k -> names.add(k.name()));
    return names;
  }

  public boolean has(Service service, String name) {
    return rows.containsKey(new Key(service, name));
  }

  /**
   * Decodes, checks and handles one request. May block.
   *
   * @param body JSON; for the query protocol the form's parameters as a JSON object
   * @throws ApiException what the client is told instead
   */
  public SdkPojo call(Service service, String name, Caller caller, byte[] body) {
    Row<?, ?> row = rows.get(new Key(service, name));
    if (row == null) {
      throw unknown(name);
    }
    return call(row, caller, body);
  }

  private <I extends SdkPojo, O extends SdkPojo> SdkPojo call(
      Row<I, O> row, Caller caller, byte[] body) {
    permit(row.permission(), row.service(), row.name(), caller);
    WireCodec.Decoded<I> decoded = WireCodec.decode(body, row.request());
    checks.check(row.service(), row.name(), decoded.value(), decoded.unknown());
    return row.operation().handle(caller, decoded.value());
  }

  /**
   * Holds an invocation against the tables; the body is the container's. Never blocks.
   *
   * @param header a header's value by its name, or null
   * @throws ApiException what the client is told instead
   */
  public void checkInvocation(
      Caller caller, String endpoint, Function<String, @Nullable String> header) {
    permit(Permission.INVOKE, Service.SAGEMAKER_RUNTIME, INVOKE_ENDPOINT, caller);
    InvokeEndpointRequest.Builder request = InvokeEndpointRequest.builder();
    for (SdkField<?> field : request.sdkFields()) {
      String value =
          field.location() == MarshallLocation.HEADER ? header.apply(field.locationName()) : null;
      if (value != null) {
        field.set(request, value);
      }
    }
    request.endpointName(endpoint);
    request.body(BODY);
    checks.check(Service.SAGEMAKER_RUNTIME, INVOKE_ENDPOINT, request.build(), List.of());
  }

  private static void permit(Permission permission, Service service, String name, Caller caller) {
    if (!caller.role().may(permission)) {
      String reason =
          caller.role() == Role.INSTANCE
              ? "the access keys of instances are good for their inputs and outputs in the object"
                  + " store alone; give the instance a key of its own in its environment"
              : "the role '"
                  + caller.role().name().toLowerCase(Locale.ROOT)
                  + "' of its access key does not allow it";
      throw new ApiException(
          ErrorCode.ACCESS_DENIED,
          "User: "
              + caller.arn()
              + " is not authorized to perform: "
              + service.signingName()
              + ":"
              + name
              + " because "
              + reason);
    }
  }

  static ApiException unknown(String name) {
    return new ApiException(
        ErrorCode.UNKNOWN_OPERATION, "The operation '" + name + "' is not supported.");
  }
}
