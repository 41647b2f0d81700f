package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.endpoint.EndpointPlan.Launch;
import dev.mlp.controlplane.endpoint.EndpointPlan.Transition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many instances an endpoint should have, which of them, and what that makes of the endpoint.
 * Pure: decides on rows alone; {@link InstanceDecider} looks at what runs.
 */
final class EndpointDecider {
  private EndpointDecider() {}

  static EndpointPlan decide(EndpointView view, EndpointLimits limits, Instant now) {
    return switch (view.endpoint().state()) {
      case EndpointState.Creating(var since) -> creating(view, since, limits, now);
      case EndpointState.InService _ -> serving(view, limits, now, Optional.empty());
      case EndpointState.Failed _ -> ending(view, Optional.empty());
      case EndpointState.Deleting _ ->
          ending(
              view,
              view.instances().stream().allMatch(EndpointDecider::failed)
                  ? Optional.of(new Transition.Vanish())
                  : Optional.empty());
    };
  }

  private static EndpointPlan creating(
      EndpointView view, Instant since, EndpointLimits limits, Instant now) {
    for (VariantCapacity capacity : view.capacities()) {
      List<Failure> failures = failures(view, capacity.variant(), Instant.EPOCH);
      boolean hopeless =
          failures.stream()
              .anyMatch(failure -> failure.what().cause() != InstanceFailure.Cause.CRASHED);
      if (hopeless || failures.size() >= limits.startAttempts()) {
        return fail(failures.getLast().what().reason());
      }
    }
    if (now.isAfter(since.plus(limits.capacityTimeout()))) {
      for (Instance instance : view.instances()) {
        if (instance.state() instanceof InstanceState.Waiting(_, var reason)) {
          return fail(FailureReason.noCapacity(instance.variant(), reason));
        }
      }
    }
    boolean complete =
        view.capacities().stream()
            .allMatch(capacity -> view.readyCount(capacity.variant()) >= capacity.desiredCount());
    return serving(
        view, limits, now, complete ? Optional.of(new Transition.ToInService()) : Optional.empty());
  }

  private static EndpointPlan serving(
      EndpointView view, EndpointLimits limits, Instant now, Optional<Transition> transition) {
    Instant remembered = now.minus(limits.failureWindow());
    List<Launch> launches = new ArrayList<>();
    Set<String> unwanted = new HashSet<>();
    Set<Instance> kept = new HashSet<>();
    for (VariantCapacity capacity : view.capacities()) {
      List<Instance> present =
          view.instances(capacity.variant()).stream()
              .filter(instance -> instance.generation() == view.endpoint().generation())
              .filter(instance -> instance.state().counts())
              .sorted(mostWorthKeeping())
              .toList();
      int surplus = present.size() - capacity.desiredCount();
      kept.addAll(present.subList(0, Math.min(present.size(), capacity.desiredCount())));
      if (surplus < 0 && mayLaunch(view, capacity.variant(), remembered, limits, now)) {
        launches.add(new Launch(capacity.variant(), view.endpoint().generation(), -surplus));
      }
    }
    List<String> forgotten = new ArrayList<>();
    for (Instance instance : view.instances()) {
      if (instance.state() instanceof InstanceState.Failed(var at, _)) {
        if (at.isBefore(remembered)) {
          forgotten.add(instance.id());
        }
      } else if (!kept.contains(instance)) {
        unwanted.add(instance.id());
      }
    }
    return new EndpointPlan(launches, unwanted, forgotten, transition);
  }

  private static EndpointPlan ending(EndpointView view, Optional<Transition> transition) {
    Set<String> unwanted = new HashSet<>();
    List<String> forgotten = new ArrayList<>();
    for (Instance instance : view.instances()) {
      if (failed(instance)) {
        forgotten.add(instance.id());
      } else {
        unwanted.add(instance.id());
      }
    }
    return new EndpointPlan(List.of(), unwanted, forgotten, transition);
  }

  private static EndpointPlan fail(String reason) {
    return new EndpointPlan(
        List.of(), Set.of(), List.of(), Optional.of(new Transition.ToFailed(reason)));
  }

  private static boolean mayLaunch(
      EndpointView view, String variant, Instant remembered, EndpointLimits limits, Instant now) {
    List<Failure> failures = failures(view, variant, remembered);
    return failures.isEmpty()
        || !now.isBefore(failures.getLast().at().plus(limits.backOff(failures.size())));
  }

  private record Failure(Instant at, InstanceFailure what) {}

  /**
   * Of the wanted generation, the latest last; with those whose remains are still being cleared
   * away, or a crash would be followed by a start at once.
   */
  private static List<Failure> failures(EndpointView view, String variant, Instant from) {
    return view.instances(variant).stream()
        .filter(instance -> instance.generation() == view.endpoint().generation())
        .flatMap(instance -> failure(instance.state()).stream())
        .filter(failure -> !failure.at().isBefore(from))
        .sorted(Comparator.comparing(Failure::at))
        .toList();
  }

  private static Optional<Failure> failure(InstanceState state) {
    return switch (state) {
      case InstanceState.Failed(var at, var failure) -> Optional.of(new Failure(at, failure));
      case InstanceState.Draining(var since, var failure) ->
          failure.map(what -> new Failure(since, what));
      case InstanceState.Stopping(var since, var failure) ->
          failure.map(what -> new Failure(since, what));
      case InstanceState.Waiting _, InstanceState.Starting _, InstanceState.Ready _ ->
          Optional.empty();
    };
  }

  /** What serves before what starts before what waits; the older first. */
  private static Comparator<Instance> mostWorthKeeping() {
    return Comparator.<Instance>comparingInt(instance ->
            switch (instance.state()) {
              case InstanceState.Ready _ -> 0;
              case InstanceState.Starting _ -> 1;
              case InstanceState.Waiting _ -> 2;
              case InstanceState.Draining _, InstanceState.Stopping _, InstanceState.Failed _ -> 3;
            })
        .thenComparing(Instance::createdAt)
        .thenComparing(Instance::id);
  }

  private static boolean failed(Instance instance) {
    return instance.state() instanceof InstanceState.Failed;
  }
}
