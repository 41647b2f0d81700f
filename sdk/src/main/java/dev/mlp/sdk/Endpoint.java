package dev.mlp.sdk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.EndpointStatus;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantStatus;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;

/** An endpoint on the platform. Holds nothing but its name. */
public final class Endpoint {
  private final Session session;
  private final String name;

  Endpoint(Session session, String name) {
    this.session = session;
    this.name = name;
  }

  /** The endpoint of that name; whether it exists shows at the first call. */
  public static Endpoint attach(Session session, String name) {
    return new Endpoint(session, name);
  }

  /**
   * What was deleted.
   *
   * @param endpoint its name
   * @param configuration its configuration, if that still existed
   * @param models the models of the configuration that were deleted
   */
  public record Removed(String endpoint, Optional<String> configuration, List<String> models) {
    /** Copies the list. */
    public Removed {
      models = List.copyOf(models);
    }
  }

  /** What happens to the models when their endpoint goes. */
  public enum Models {
    /** They go too. */
    DELETE,
    /** They stay, for other endpoints. */
    KEEP
  }

  /** The endpoint's name. */
  public String name() {
    return name;
  }

  /** All the platform tells about the endpoint. */
  public DescribeEndpointResponse describe() {
    return session.sageMaker().describeEndpoint(request -> request.endpointName(name));
  }

  /**
   * Waits until the endpoint is in service.
   *
   * @throws EndpointFailedException if it ends elsewhere
   */
  public DescribeEndpointResponse awaitInService(DeploymentListener listener) {
    Pacing.Waiting waiting = session.pacing().start("endpoint " + name);
    String told = "";
    String toldReason = "";
    while (true) {
      DescribeEndpointResponse endpoint = describe();
      String status = endpoint.endpointStatusAsString();
      if (!status.equals(told)) {
        listener.status(name, status);
        told = status;
      }
      String reason = reason(endpoint);
      if (!reason.equals(toldReason)) {
        if (!reason.isEmpty()) {
          listener.reason(name, status, reason);
        }
        toldReason = reason;
      }
      if (endpoint.endpointStatus() == EndpointStatus.IN_SERVICE) {
        return endpoint;
      }
      if (!isChanging(endpoint.endpointStatus())) {
        throw new EndpointFailedException(
            name,
            status,
            Optional.ofNullable(endpoint.failureReason()).orElse("the platform gives no reason"));
      }
      waiting.pause();
    }
  }

  /**
   * Deletes the endpoint, its configuration and, as told, its models; returns when the endpoint is
   * gone.
   */
  public Removed delete(Models models) {
    String configuration = describe().endpointConfigName();
    List<String> modelNames =
        existing(() ->
                session
                    .sageMaker()
                    .describeEndpointConfig(r -> r.endpointConfigName(configuration)))
            .map(config ->
                config.productionVariants().stream()
                    .map(ProductionVariant::modelName)
                    .filter(model -> model != null)
                    .distinct()
                    .toList())
            .orElse(List.of());
    session.sageMaker().deleteEndpoint(request -> request.endpointName(name));
    Optional<String> removedConfiguration =
        existing(() ->
                session.sageMaker().deleteEndpointConfig(r -> r.endpointConfigName(configuration)))
            .map(answer -> configuration);
    List<String> removedModels = new ArrayList<>();
    if (models == Models.DELETE) {
      for (String model : modelNames) {
        existing(() -> session.sageMaker().deleteModel(r -> r.modelName(model)))
            .ifPresent(answer -> removedModels.add(model));
      }
    }
    awaitGone();
    return new Removed(name, removedConfiguration, removedModels);
  }

  /**
   * Hands on the log lines of the endpoint's containers as they are written; returns when the
   * endpoint is gone.
   *
   * @throws WaitInterruptedException if the thread is interrupted
   */
  public void followLogs(Consumer<LogLine> lines) {
    LogFollower logs = LogFollower.ofEndpoint(session, name);
    Pacing.Waiting waiting = session.pacing().start("the log of endpoint " + name);
    boolean exists = true;
    while (exists) {
      exists = existing(this::describe).isPresent();
      logs.poll(lines);
      if (exists) {
        waiting.pause();
      }
    }
  }

  private void awaitGone() {
    Pacing.Waiting waiting = session.pacing().start("the end of endpoint " + name);
    while (existing(this::describe).isPresent()) {
      waiting.pause();
    }
  }

  /**
   * SageMaker has no error of its own for what does not exist: a valid name gives
   * ValidationException.
   */
  private static <T> Optional<T> existing(Supplier<T> call) {
    try {
      return Optional.of(call.get());
    } catch (SageMakerException e) {
      if (e.awsErrorDetails() != null
          && "ValidationException".equals(e.awsErrorDetails().errorCode())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The messages of the variants on their way, or else of those there are. */
  private static String reason(DescribeEndpointResponse endpoint) {
    Stream<ProductionVariantStatus> pending =
        endpoint.pendingDeploymentSummary() == null
            ? Stream.empty()
            : endpoint.pendingDeploymentSummary().productionVariants().stream()
                .flatMap(variant -> variant.variantStatus().stream());
    String message = messages(pending);
    return message.isEmpty()
        ? messages(
            endpoint.productionVariants().stream()
                .flatMap(variant -> variant.variantStatus().stream()))
        : message;
  }

  private static String messages(Stream<ProductionVariantStatus> statuses) {
    return statuses
        .map(status -> Optional.ofNullable(status.statusMessage()).orElse(""))
        .filter(message -> !message.isBlank())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static boolean isChanging(EndpointStatus status) {
    return status == EndpointStatus.CREATING
        || status == EndpointStatus.UPDATING
        || status == EndpointStatus.SYSTEM_UPDATING
        || status == EndpointStatus.ROLLING_BACK;
  }
}
