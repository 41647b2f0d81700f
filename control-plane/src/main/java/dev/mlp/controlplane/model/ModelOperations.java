package dev.mlp.controlplane.model;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sagemaker.model.ContainerDefinition;
import software.amazon.awssdk.services.sagemaker.model.CreateModelRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateModelResponse;
import software.amazon.awssdk.services.sagemaker.model.DeleteModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteModelResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeModelResponse;
import software.amazon.awssdk.services.sagemaker.model.ListModelsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListModelsResponse;
import software.amazon.awssdk.services.sagemaker.model.ModelSortKey;
import software.amazon.awssdk.services.sagemaker.model.ModelSummary;
import software.amazon.awssdk.services.sagemaker.model.OrderKey;

/** CreateModel, DescribeModel, ListModels, DeleteModel. */
public final class ModelOperations {
  private static final int DEFAULT_PAGE = 10;

  private final ModelStore models;
  private final ContainerRuntime runtime;
  private final ArtifactStore artifacts;
  private final Clock clock;

  public ModelOperations(
      ModelStore models, ContainerRuntime runtime, ArtifactStore artifacts, Clock clock) {
    this.models = models;
    this.runtime = runtime;
    this.artifacts = artifacts;
    this.clock = clock;
  }

  public CreateModelResponse create(Caller caller, CreateModelRequest request) {
    check(request);
    Model model =
        Model.of(caller.tenant(), request, clock.instant().truncatedTo(ChronoUnit.MILLIS));
    if (models.find(model.tenant(), model.name()).isPresent()) {
      throw alreadyExists(model);
    }
    if (model.modelData().isPresent()) {
      checkData(model.modelData().get());
    }
    if (!models.insert(model)) {
      throw alreadyExists(model);
    }
    return CreateModelResponse.builder().modelArn(model.arn()).build();
  }

  public DescribeModelResponse describe(Caller caller, DescribeModelRequest request) {
    Model model = get(caller.tenant(), request.modelName());
    CreateModelRequest asked = model.request();
    return DescribeModelResponse.builder()
        .modelName(model.name())
        .modelArn(model.arn())
        .primaryContainer(asked.primaryContainer())
        .executionRoleArn(asked.executionRoleArn())
        .vpcConfig(asked.vpcConfig())
        .enableNetworkIsolation(model.networkIsolation())
        .creationTime(model.createdAt())
        .build();
  }

  public ListModelsResponse list(Caller caller, ListModelsRequest request) {
    KeysetQuery query =
        new KeysetQuery(
                ModelStore.TABLE,
                caller.tenant().account(),
                caller.tenant().region(),
                request.sortBy() == ModelSortKey.NAME
                    ? KeysetQuery.SortKey.NAME
                    : KeysetQuery.SortKey.CREATION_TIME,
                request.sortOrder() != OrderKey.ASCENDING)
            .nameContains(Optional.ofNullable(request.nameContains()))
            .createdAfter(Optional.ofNullable(request.creationTimeAfter()))
            .createdBefore(Optional.ofNullable(request.creationTimeBefore()));
    Integer limit = request.maxResults();
    KeysetQuery.Page<Model> page =
        models.page(
            NextToken.goOn(query, request.nextToken()), limit == null ? DEFAULT_PAGE : limit);
    return ListModelsResponse.builder()
        .models(page.rows().stream().map(ModelOperations::summary).toList())
        .nextToken(NextToken.of(page))
        .build();
  }

  /** Endpoints that serve the model keep what they need of it. */
  public DeleteModelResponse delete(Caller caller, DeleteModelRequest request) {
    if (!models.delete(caller.tenant(), request.modelName())) {
      throw notFound(caller.tenant(), request.modelName());
    }
    return DeleteModelResponse.builder().build();
  }

  /**
   * The model of this name.
   *
   * @throws ApiException where there is none
   */
  public Model get(Tenant tenant, String name) {
    return models.find(tenant, name).orElseThrow(() -> notFound(tenant, name));
  }

  private void check(CreateModelRequest request) {
    if (request.hasContainers() && !request.containers().isEmpty()) {
      throw ApiException.validation(
          "Containers is not supported: give the model's one container as PrimaryContainer.");
    }
    ContainerDefinition container = request.primaryContainer();
    if (container == null) {
      throw ApiException.validation("PrimaryContainer is missing: expected the model's container.");
    }
    String image = container.image();
    if (image == null) {
      throw ApiException.validation(
          "PrimaryContainer.Image is missing: expected the container's image.");
    }
    if (Boolean.TRUE.equals(request.enableNetworkIsolation())
        && !runtime.capabilities().networkIsolation()) {
      throw ApiException.validation(
          "EnableNetworkIsolation is not supported by the container runtime '"
              + runtime.name()
              + "': it cannot cut a container off from the network.");
    }
    try {
      runtime.checkImage(image);
    } catch (ContainerRuntimeException e) {
      if (e.retryable()) {
        throw unavailable("The container runtime cannot check the image now. Try again.", e);
      }
      throw ApiException.validation(String.valueOf(e.getMessage()));
    }
    String data = container.modelDataUrl();
    if (data != null && !data.startsWith("s3://")) {
      throw ApiException.validation(
          "PrimaryContainer.ModelDataUrl '" + data + "': expected s3://bucket/key.");
    }
  }

  private void checkData(S3Address address) {
    try {
      if (artifacts.find(address).isEmpty()) {
        throw ApiException.validation("Could not find model data at " + address + ".");
      }
    } catch (IOException e) {
      throw unavailable("The object store cannot be reached now. Try again.", e);
    }
  }

  private static ModelSummary summary(Model model) {
    return ModelSummary.builder()
        .modelName(model.name())
        .modelArn(model.arn())
        .creationTime(model.createdAt())
        .build();
  }

  private static ApiException alreadyExists(Model model) {
    return ApiException.validation("Cannot create already existing model \"" + model.arn() + "\".");
  }

  private static ApiException notFound(Tenant tenant, String name) {
    return ApiException.validation("Could not find model \"" + Model.arn(tenant, name) + "\".");
  }

  private static ApiException unavailable(String message, Exception cause) {
    return new ApiException(ErrorCode.SERVICE_UNAVAILABLE, message, Map.of(), cause);
  }
}
