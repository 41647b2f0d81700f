package dev.mlp.controlplane.training;

import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.InstanceSize;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.container.GroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Gets training jobs their share of the machine. */
public final class TrainingPlacement {
  /** Beside the program's own time: images and data are fetched, and what it left is stored. */
  static final Duration STAGING_AND_COLLECTING = Duration.ofMinutes(5);

  private final InstanceSizing sizing;
  private final Capacity capacity;

  public TrainingPlacement(InstanceSizing sizing, Capacity capacity) {
    this.sizing = sizing;
    this.capacity = capacity;
  }

  /** Whether the catalogue has the job's instance type. */
  boolean knowsType(TrainingJobDefinition definition) {
    return sizing.knows(definition.instanceType());
  }

  /** Why the job can never run here; empty where it can. */
  Optional<String> refusal(TrainingJobDefinition definition) {
    return size(definition) instanceof InstanceSize.Refused(String reason)
        ? Optional.of(reason)
        : Optional.empty();
  }

  /** Reserves for the job or takes a place in the queue; asked again, answers again. */
  Placement reserve(GroupId group, TrainingJobDefinition definition, Instant now) {
    return switch (size(definition)) {
      case InstanceSize.Refused(String reason) -> new Placement.Refused(reason);
      case InstanceSize.Given size ->
          switch (capacity.reserve(group, size.demand(Optional.of(longest(definition))), now)) {
            case Capacity.Answer.Granted granted ->
                new Placement.Granted(
                    size.resources(granted, definition.volumeBytes()), size.as(granted).note());
            case Capacity.Answer.Waiting(String reason) -> new Placement.Waiting(reason);
          };
    };
  }

  /** Gives back what the group has, or its place in the queue. */
  void release(GroupId group, Instant now) {
    capacity.release(group, now);
  }

  private InstanceSize size(TrainingJobDefinition definition) {
    return sizing.size(definition.instanceType(), definition.instanceCount());
  }

  /** The time it may train, and what goes on around it. */
  private static Duration longest(TrainingJobDefinition definition) {
    return definition.maxRuntime().plus(TrainingJobDecider.STOP_GRACE).plus(STAGING_AND_COLLECTING);
  }
}
