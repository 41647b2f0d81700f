package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.model.ModelOperations;
import dev.mlp.controlplane.model.NextToken;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigResponse;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointConfigResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointConfigResponse;
import software.amazon.awssdk.services.sagemaker.model.EndpointConfigSortKey;
import software.amazon.awssdk.services.sagemaker.model.EndpointConfigSummary;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointConfigsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointConfigsResponse;
import software.amazon.awssdk.services.sagemaker.model.OrderKey;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;

/** CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig. */
public final class EndpointConfigOperations {
  private static final int DEFAULT_PAGE = 10;
  private static final float DEFAULT_WEIGHT = 1;

  private final EndpointConfigStore configs;
  private final ModelOperations models;
  private final InstanceSizing sizing;
  private final Clock clock;

  public EndpointConfigOperations(
      EndpointConfigStore configs, ModelOperations models, InstanceSizing sizing, Clock clock) {
    this.configs = configs;
    this.models = models;
    this.sizing = sizing;
    this.clock = clock;
  }

  public CreateEndpointConfigResponse create(Caller caller, CreateEndpointConfigRequest request) {
    check(caller.tenant(), request);
    EndpointConfig config =
        new EndpointConfig(
            caller.tenant(), request, clock.instant().truncatedTo(ChronoUnit.MILLIS));
    if (!configs.insert(config)) {
      throw ApiException.validation(
          "Cannot create already existing endpoint configuration \"" + config.arn() + "\".");
    }
    return CreateEndpointConfigResponse.builder().endpointConfigArn(config.arn()).build();
  }

  public DescribeEndpointConfigResponse describe(
      Caller caller, DescribeEndpointConfigRequest request) {
    EndpointConfig config = get(caller.tenant(), request.endpointConfigName());
    return DescribeEndpointConfigResponse.builder()
        .endpointConfigName(config.name())
        .endpointConfigArn(config.arn())
        .productionVariants(config.request().productionVariants())
        .kmsKeyId(config.request().kmsKeyId())
        .executionRoleArn(config.request().executionRoleArn())
        .vpcConfig(config.request().vpcConfig())
        .enableNetworkIsolation(config.request().enableNetworkIsolation())
        .creationTime(config.createdAt())
        .build();
  }

  public ListEndpointConfigsResponse list(Caller caller, ListEndpointConfigsRequest request) {
    KeysetQuery query =
        new KeysetQuery(
                EndpointConfigStore.TABLE,
                caller.tenant().account(),
                caller.tenant().region(),
                request.sortBy() == EndpointConfigSortKey.NAME
                    ? KeysetQuery.SortKey.NAME
                    : KeysetQuery.SortKey.CREATION_TIME,
                request.sortOrder() != OrderKey.ASCENDING)
            .nameContains(Optional.ofNullable(request.nameContains()))
            .createdAfter(Optional.ofNullable(request.creationTimeAfter()))
            .createdBefore(Optional.ofNullable(request.creationTimeBefore()));
    Integer limit = request.maxResults();
    KeysetQuery.Page<EndpointConfig> page =
        configs.page(
            NextToken.goOn(query, request.nextToken()), limit == null ? DEFAULT_PAGE : limit);
    return ListEndpointConfigsResponse.builder()
        .endpointConfigs(
            page.rows().stream()
                .map(config ->
                    EndpointConfigSummary.builder()
                        .endpointConfigName(config.name())
                        .endpointConfigArn(config.arn())
                        .creationTime(config.createdAt())
                        .build())
                .toList())
        .nextToken(NextToken.of(page))
        .build();
  }

  /** Endpoints that were made with it keep what they need of it. */
  public DeleteEndpointConfigResponse delete(Caller caller, DeleteEndpointConfigRequest request) {
    if (!configs.delete(caller.tenant(), request.endpointConfigName())) {
      throw notFound(caller.tenant(), request.endpointConfigName());
    }
    return DeleteEndpointConfigResponse.builder().build();
  }

  /**
   * The configuration of this name.
   *
   * @throws ApiException where there is none
   */
  EndpointConfig get(Tenant tenant, String name) {
    return configs.find(tenant, name).orElseThrow(() -> notFound(tenant, name));
  }

  /**
   * That the machine could hold all instances with which an endpoint begins, where types are not
   * fitted.
   *
   * @throws ApiException with the code with which SageMaker refuses instances that an account
   *     cannot have
   */
  void checkSize(List<ProductionVariant> variants) {
    Optional<String> missing =
        sizing.missing(
            variants.stream()
                .map(variant ->
                    new InstanceSizing.Wanted(
                        variant.instanceTypeAsString(), variant.initialInstanceCount()))
                .toList());
    if (missing.isPresent()) {
      throw new ApiException(ErrorCode.RESOURCE_LIMIT_EXCEEDED, missing.get());
    }
  }

  static double weight(ProductionVariant variant) {
    Float weight = variant.initialVariantWeight();
    return weight == null ? DEFAULT_WEIGHT : weight;
  }

  /** Everything that is wrong, in one answer; models that are not there, in AWS's own words. */
  private void check(Tenant tenant, CreateEndpointConfigRequest request) {
    List<String> problems = new ArrayList<>();
    if (Boolean.TRUE.equals(request.enableNetworkIsolation())) {
      problems.add(
          "EnableNetworkIsolation is not supported here: set it on the model with CreateModel");
    }
    List<ProductionVariant> variants = request.productionVariants();
    if (variants.isEmpty()) {
      problems.add("ProductionVariants is empty: expected 1 to 10 variants");
    }
    Set<String> names = new HashSet<>();
    for (ProductionVariant variant : variants) {
      String where = "production variant " + variant.variantName();
      if (!names.add(variant.variantName())) {
        problems.add(where + " is given more than once");
      }
      if (variant.modelName() == null) {
        problems.add(where + " has no ModelName");
      }
      Integer count = variant.initialInstanceCount();
      if (count == null || count < 1) {
        problems.add(where + " has no InitialInstanceCount of at least 1");
      }
      String type = variant.instanceTypeAsString();
      if (type == null) {
        problems.add(where + " has no InstanceType");
      } else if (!sizing.knows(type)) {
        problems.add(
            where + " has InstanceType '" + type + "': expected a type such as ml.m5.large");
      }
    }
    if (!variants.isEmpty()
        && variants.stream().mapToDouble(EndpointConfigOperations::weight).sum() <= 0) {
      problems.add(
          "the weights of all production variants are 0: expected one at least that is not");
    }
    if (!problems.isEmpty()) {
      throw ApiException.validation(
          problems.size()
              + (problems.size() == 1 ? " validation error" : " validation errors")
              + " detected: "
              + String.join("; ", problems)
              + ".");
    }
    checkSize(variants);
    variants.forEach(variant -> {
      var _ = models.get(tenant, variant.modelName());
    });
  }

  private static ApiException notFound(Tenant tenant, String name) {
    return ApiException.validation(
        "Could not find endpoint configuration \"" + EndpointConfig.arn(tenant, name) + "\".");
  }
}
