package dev.mlp.controlplane.endpoint;

import java.util.Optional;
import software.amazon.awssdk.services.sagemaker.model.DeployedImage;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
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
    return answer.build();
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
    for (Instance instance : view.instances(capacity.variant())) {
      if (instance.state() instanceof InstanceState.Waiting(var since, var reason)
          && !reason.isEmpty()) {
        shown.statusMessage(reason).startTime(since);
      }
    }
    return Optional.of(shown.build());
  }
}
