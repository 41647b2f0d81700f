package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.capacity.InstanceSize;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.invocation.EndpointKey;
import dev.mlp.controlplane.model.Model;
import dev.mlp.controlplane.model.ModelOperations;
import dev.mlp.controlplane.model.NextToken;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.WireCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.EndpointSummary;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointsResponse;
import software.amazon.awssdk.services.sagemaker.model.OrderKey;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;

/** CreateEndpoint, DescribeEndpoint, ListEndpoints, DeleteEndpoint. */
public final class EndpointOperations {
  private static final int DEFAULT_PAGE = 10;
  // Only a reconciler that changes the same row makes a deletion try again.
  private static final int DELETE_ATTEMPTS = 20;

  private final EndpointStore endpoints;
  private final EndpointConfigOperations configs;
  private final ModelOperations models;
  private final InstanceSizing sizing;
  private final EndpointLimits limits;
  private final Clock clock;
  private final Consumer<EndpointKey> changed;

  /**
   * @param changed called after a commit that the reconciler should see soon
   */
  public EndpointOperations(
      EndpointStore endpoints,
      EndpointConfigOperations configs,
      ModelOperations models,
      InstanceSizing sizing,
      EndpointLimits limits,
      Clock clock,
      Consumer<EndpointKey> changed) {
    this.endpoints = endpoints;
    this.configs = configs;
    this.models = models;
    this.sizing = sizing;
    this.limits = limits;
    this.clock = clock;
    this.changed = changed;
  }

  public CreateEndpointResponse create(Caller caller, CreateEndpointRequest request) {
    EndpointKey key = new EndpointKey(caller.tenant(), request.endpointName());
    if (endpoints.find(key).isPresent()) {
      throw alreadyExists(key);
    }
    EndpointConfig config = configs.get(caller.tenant(), request.endpointConfigName());
    List<ProductionVariant> variants = config.request().productionVariants();
    // Again: the configuration may be older than the machine, or than how it is configured.
    configs.checkSize(variants);
    int instances = variants.stream().mapToInt(ProductionVariant::initialInstanceCount).sum();
    Instant now = now();
    Generation generation =
        new Generation(
            1,
            config.name(),
            variants.stream().map(variant -> spec(caller.tenant(), variant, instances)).toList(),
            now);
    List<VariantCapacity> capacities =
        variants.stream()
            .map(variant ->
                new VariantCapacity(
                    variant.variantName(),
                    variant.initialInstanceCount(),
                    EndpointConfigOperations.weight(variant)))
            .toList();
    Endpoint endpoint =
        new Endpoint(key, generation.number(), new EndpointState.Creating(now), 1, now, now);
    if (!endpoints.insert(endpoint, WireCodec.write(request), generation, capacities)) {
      throw alreadyExists(key);
    }
    changed.accept(key);
    return CreateEndpointResponse.builder().endpointArn(key.arn()).build();
  }

  public DescribeEndpointResponse describe(Caller caller, DescribeEndpointRequest request) {
    EndpointKey key = new EndpointKey(caller.tenant(), request.endpointName());
    return EndpointDescription.of(
        endpoints.load(key).orElseThrow(() -> notFound(key)), this::fitting);
  }

  /** What instances of the variant get that differs from their type; empty where nothing does. */
  private String fitting(VariantSpec spec) {
    return InstanceStarter.size(sizing, spec) instanceof InstanceSize.Given size
        ? size.note().strip()
        : "";
  }

  public ListEndpointsResponse list(Caller caller, ListEndpointsRequest request) {
    KeysetQuery query =
        new KeysetQuery(
                EndpointStore.TABLE,
                caller.tenant().account(),
                caller.tenant().region(),
                sortKey(request),
                request.sortOrder() != OrderKey.ASCENDING)
            .nameContains(Optional.ofNullable(request.nameContains()))
            .createdAfter(Optional.ofNullable(request.creationTimeAfter()))
            .createdBefore(Optional.ofNullable(request.creationTimeBefore()))
            .modifiedAfter(Optional.ofNullable(request.lastModifiedTimeAfter()))
            .modifiedBefore(Optional.ofNullable(request.lastModifiedTimeBefore()))
            .status(Optional.ofNullable(request.statusEqualsAsString()));
    Integer limit = request.maxResults();
    KeysetQuery.Page<Endpoint> page =
        endpoints.page(
            NextToken.goOn(query, request.nextToken()), limit == null ? DEFAULT_PAGE : limit);
    return ListEndpointsResponse.builder()
        .endpoints(
            page.rows().stream()
                .map(endpoint ->
                    EndpointSummary.builder()
                        .endpointName(endpoint.key().name())
                        .endpointArn(endpoint.key().arn())
                        .endpointStatus(endpoint.state().status())
                        .creationTime(endpoint.createdAt())
                        .lastModifiedTime(endpoint.modifiedAt())
                        .build())
                .toList())
        .nextToken(NextToken.of(page))
        .build();
  }

  /** Legal in every state; what is being deleted goes on being so. */
  public DeleteEndpointResponse delete(Caller caller, DeleteEndpointRequest request) {
    EndpointKey key = new EndpointKey(caller.tenant(), request.endpointName());
    for (int i = 0; i < DELETE_ATTEMPTS; i++) {
      Endpoint endpoint = endpoints.find(key).orElseThrow(() -> notFound(key));
      Instant now = now();
      if (endpoint.state() instanceof EndpointState.Deleting
          || endpoints.update(endpoint, new EndpointState.Deleting(now), now)) {
        changed.accept(key);
        return DeleteEndpointResponse.builder().build();
      }
    }
    throw new ApiException(
        ErrorCode.CONFLICT, "Endpoint \"" + key.arn() + "\" is being changed. Try again.");
  }

  private VariantSpec spec(Tenant tenant, ProductionVariant variant, int instances) {
    Model model = models.get(tenant, variant.modelName());
    return new VariantSpec(
        variant.variantName(),
        model.name(),
        model.image(),
        model.modelData(),
        model.environment(),
        model.networkIsolation(),
        variant.instanceTypeAsString(),
        instances,
        volumeBytes(variant),
        seconds(variant.modelDataDownloadTimeoutInSeconds(), limits.downloadTimeout()),
        seconds(variant.containerStartupHealthCheckTimeoutInSeconds(), limits.startupTimeout()));
  }

  /** SageMaker's GB are GiB. */
  private static OptionalLong volumeBytes(ProductionVariant variant) {
    return variant.volumeSizeInGB() == null
        ? OptionalLong.empty()
        : OptionalLong.of((long) variant.volumeSizeInGB() << 30);
  }

  private static Duration seconds(@Nullable Integer seconds, Duration otherwise) {
    return seconds == null ? otherwise : Duration.ofSeconds(seconds);
  }

  private static KeysetQuery.SortKey sortKey(ListEndpointsRequest request) {
    return switch (request.sortBy()) {
      case NAME -> KeysetQuery.SortKey.NAME;
      case STATUS -> KeysetQuery.SortKey.STATUS;
      case null, default -> KeysetQuery.SortKey.CREATION_TIME;
    };
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static ApiException alreadyExists(EndpointKey key) {
    return ApiException.validation(
        "Cannot create already existing endpoint \"" + key.arn() + "\".");
  }

  private static ApiException notFound(EndpointKey key) {
    return ApiException.validation("Could not find endpoint \"" + key.arn() + "\".");
  }
}
