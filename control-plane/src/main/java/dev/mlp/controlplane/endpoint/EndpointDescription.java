package dev.mlp.controlplane.endpoint;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sagemaker.model.DeployedImage;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.PendingDeploymentSummary;
import software.amazon.awssdk.services.sagemaker.model.PendingProductionVariantSummary;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantStatus;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantSummary;
import software.amazon.awssdk.services.sagemaker.model.VariantStatus;

/** What DescribeEndpoint tells of an endpoint's rows. Pure. */
final class EndpointDescription {
  private EndpointDescription() {}

  /**
   * @param fitting what instances of a variant get that differs from their type; may be empty
   */
  static DescribeEndpointResponse of(EndpointView view, Function<VariantSpec, String> fitting) {
    Endpoint endpoint = view.endpoint();
    DescribeEndpointResponse.Builder answer =
        DescribeEndpointResponse.builder()
            .endpointName(endpoint.key().name())
            .endpointArn(endpoint.key().arn())
            .endpointConfigName(view.generation().configName())
            .endpointStatus(endpoint.state().status())
            .creationTime(endpoint.createdAt())
            .lastModifiedTime(endpoint.modifiedAt());
    if (endpoint.state() instanceof EndpointState.Failed(_, var reason)) {
      answer.failureReason(reason);
    }
    // SageMaker, too, shows the variants only where there is something of them.
    if (!(endpoint.state() instanceof EndpointState.Failed)) {
      answer.productionVariants(
          view.capacities().stream().map(capacity -> variant(view, capacity, fitting)).toList());
    }
    if (endpoint.state() instanceof EndpointState.Creating(var since)) {
      answer.pendingDeploymentSummary(pending(view, since, fitting));
    }
    return answer.build();
  }

  /** What a creation is to bring about, how far it is, and what it waits for. */
  private static PendingDeploymentSummary pending(
      EndpointView view, Instant since, Function<VariantSpec, String> fitting) {
    return PendingDeploymentSummary.builder()
        .endpointConfigName(view.generation().configName())
        .productionVariants(
            view.capacities().stream()
                .map(capacity -> pending(view, capacity, since, fitting))
                .toList())
        .startTime(since)
        .build();
  }

  private static PendingProductionVariantSummary pending(
      EndpointView view,
      VariantCapacity capacity,
      Instant since,
      Function<VariantSpec, String> fitting) {
    ProductionVariantStatus.Builder status =
        ProductionVariantStatus.builder().status(VariantStatus.CREATING).startTime(since);
    tell(status, view, capacity, fitting);
    PendingProductionVariantSummary.Builder summary =
        PendingProductionVariantSummary.builder()
            .variantName(capacity.variant())
            .currentInstanceCount(view.readyCount(capacity.variant()))
            .desiredInstanceCount(capacity.desiredCount())
            .variantStatus(status.build());
    view.generation()
        .variant(capacity.variant())
        .ifPresent(spec -> summary.instanceType(spec.instanceType()));
    return summary.build();
  }

  /** What it waits for, and since when; and what its instances are, where they are fitted. */
  private static void tell(
      ProductionVariantStatus.Builder status,
      EndpointView view,
      VariantCapacity capacity,
      Function<VariantSpec, String> fitting) {
    Optional<InstanceState.Waiting> waiting = waiting(view, capacity);
    waiting.ifPresent(waits -> status.startTime(waits.since()));
    String message =
        Stream.concat(
                waiting.map(InstanceState.Waiting::reason).stream(),
                view.generation().variant(capacity.variant()).map(fitting).stream())
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(" "));
    if (!message.isEmpty()) {
      status.statusMessage(message);
    }
  }

  /** The instance that comes next among those that the machine has no memory for yet. */
  private static Optional<InstanceState.Waiting> waiting(
      EndpointView view, VariantCapacity capacity) {
    return view.instances(capacity.variant()).stream()
        .map(Instance::state)
        .flatMap(state ->
            state instanceof InstanceState.Waiting waits && !waits.reason().isEmpty()
                ? Stream.of(waits)
                : Stream.empty())
        .min(Comparator.comparing(InstanceState.Waiting::since));
  }

  private static ProductionVariantSummary variant(
      EndpointView view, VariantCapacity capacity, Function<VariantSpec, String> fitting) {
    Generation generation = view.generation();
    ProductionVariantSummary.Builder summary =
        ProductionVariantSummary.builder()
            .variantName(capacity.variant())
            .currentInstanceCount(view.readyCount(capacity.variant()))
            .desiredInstanceCount(capacity.desiredCount())
            .currentWeight((float) capacity.weight())
            .desiredWeight((float) capacity.weight());
    generation
        .variant(capacity.variant())
        .ifPresent(spec ->
            summary.deployedImages(
                DeployedImage.builder()
                    .specifiedImage(spec.image())
                    .resolvedImage(spec.image())
                    .resolutionTime(generation.createdAt())
                    .build()));
    status(view, capacity, fitting).ifPresent(status -> summary.variantStatus(status));
    return summary.build();
  }

  /** What is on the way, and what it waits for; empty where all is as it should be. */
  private static Optional<ProductionVariantStatus> status(
      EndpointView view, VariantCapacity capacity, Function<VariantSpec, String> fitting) {
    VariantStatus status =
        switch (view.endpoint().state()) {
          case EndpointState.Creating _ -> VariantStatus.CREATING;
          case EndpointState.Deleting _ -> VariantStatus.DELETING;
          case EndpointState.InService _ -> VariantStatus.UPDATING;
          case EndpointState.Failed _ -> VariantStatus.DELETING;
        };
    if (view.endpoint().state() instanceof EndpointState.InService
        && view.readyCount(capacity.variant()) >= capacity.desiredCount()) {
      return Optional.empty();
    }
    ProductionVariantStatus.Builder shown = ProductionVariantStatus.builder().status(status);
    tell(shown, view, capacity, fitting);
    return Optional.of(shown.build());
  }
}
