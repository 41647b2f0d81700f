package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Owner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Which metrics an instance's use belongs to. May block. */
@FunctionalInterface
public interface InstanceDimensions {
  /** The namespace of instances of training jobs. */
  String TRAINING_JOBS = "/aws/sagemaker/TrainingJobs";

  /** The namespace of instances of endpoints. */
  String ENDPOINTS = "/aws/sagemaker/Endpoints";

  /**
   * Asked until there is an answer, then no more while the instance runs.
   *
   * @return empty when it is not known (yet)
   */
  Optional<MeasuredInstance> of(GroupId group, Owner owner, String hostName);

  /**
   * As SageMaker has them: {@code Host} is {@code <job>/algo-1} for a job's instances; {@code
   * EndpointName} and {@code VariantName} for an endpoint's.
   *
   * @param variants the variant that an endpoint's group belongs to
   * @param volumes the bytes that each instance of a group may write
   */
  static InstanceDimensions sageMaker(
      Function<GroupId, Optional<String>> variants, Function<GroupId, OptionalLong> volumes) {
    return (group, owner, hostName) ->
        switch (owner.kind()) {
          case TRAINING_JOB ->
              Optional.of(
                  new MeasuredInstance(
                      TRAINING_JOBS,
                      List.of(new Dimension("Host", owner.name() + "/" + hostName)),
                      "",
                      volumes.apply(group)));
          case ENDPOINT ->
              variants
                  .apply(group)
                  .map(variant ->
                      new MeasuredInstance(
                          ENDPOINTS,
                          List.of(
                              new Dimension("EndpointName", owner.name()),
                              new Dimension("VariantName", variant)),
                          variant,
                          volumes.apply(group)));
        };
  }
}
