package dev.mlp.controlplane.endpoint;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
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

  static DescribeEndpointResponse of(EndpointView view) {
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
          view.capacities().stream().map(capacity -> variant(view, capacity)).toList());
    }
    if (endpoint.state() instanceof EndpointState.Creating(var since)) {
      answer.pendingDeploymentSummary(pending(view, since));
    }
    return answer.build();
  }

  /** What a creation is to bring about, how far it is, and what it waits for. */
  private static PendingDeploymentSummary pending(EndpointView view, Instant since) {
    return PendingDeploymentSummary.builder()
        .endpointConfigName(view.generation().configName())
        .productionVariants(
            view.capacities().stream().map(capacity -> pending(view, capacity, since)).toList())
        .startTime(since)
        .build();
  }

  private static PendingProductionVariantSummary pending(
      EndpointView view, VariantCapacity capacity, Instant since) {
    ProductionVariantStatus.Builder status =
        ProductionVariantStatus.builder().status(VariantStatus.CREATING).startTime(since);
    waiting(view, capacity)
        .ifPresent(waits -> status.statusMessage(waits.reason()).startTime(waits.since()));
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

  private static ProductionVariantSummary variant(EndpointView view, VariantCapacity capacity) {
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
    status(view, capacity).ifPresent(status -> summary.variantStatus(status));
    return summary.build();
  }

  /** What is on the way, and what it waits for; empty where all is as it should be. */
  private static Optional<ProductionVariantStatus> status(
      EndpointView view, VariantCapacity capacity) {
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
    waiting(view, capacity)
        .ifPresent(waits -> shown.statusMessage(waits.reason()).startTime(waits.since()));
    return Optional.of(shown.build());
  }
}
