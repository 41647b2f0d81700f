package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.training.TrainingJobAction.Become;
import dev.mlp.controlplane.training.TrainingJobAction.Reserve;
import dev.mlp.controlplane.training.TrainingJobAction.Rest;
import dev.mlp.controlplane.training.TrainingJobAction.Settle;
import dev.mlp.controlplane.training.TrainingJobAction.Start;
import dev.mlp.controlplane.training.TrainingJobAction.Stop;
import dev.mlp.controlplane.training.TrainingJobState.Cause;
import dev.mlp.controlplane.training.TrainingJobState.Completed;
import dev.mlp.controlplane.training.TrainingJobState.Downloading;
import dev.mlp.controlplane.training.TrainingJobState.Failed;
import dev.mlp.controlplane.training.TrainingJobState.Pending;
import dev.mlp.controlplane.training.TrainingJobState.Preparing;
import dev.mlp.controlplane.training.TrainingJobState.Starting;
import dev.mlp.controlplane.training.TrainingJobState.StopRequested;
import dev.mlp.controlplane.training.TrainingJobState.Stopped;
import dev.mlp.controlplane.training.TrainingJobState.Stopping;
import dev.mlp.controlplane.training.TrainingJobState.Training;
import dev.mlp.controlplane.training.TrainingJobState.Uploading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of a training job, from its state, what its runtime shows, and the time. */
final class TrainingJobDecider {
  /** Between SIGTERM and SIGKILL, as SageMaker has it. */
  static final Duration STOP_GRACE = Duration.ofMinutes(2);

  /** How long a runtime may refuse for a passing reason before the job fails. */
  static final Duration START_DEADLINE = Duration.ofMinutes(10);

  private TrainingJobDecider() {}

  /**
   * @param group what the runtime shows; empty where it holds no such group
   * @param logTail the last lines of the log of the host that failed first; empty without failure
   */
  static TrainingJobAction decide(
      TrainingJob job, Optional<GroupObservation> group, List<String> logTail, Instant now) {
    return switch (job.state()) {
      case Starting _, Pending _ -> new Reserve();
      case Preparing _ -> new Start();
      case Downloading _, Training _, Uploading _, StopRequested _, Stopping _ ->
          follow(job, group.map(GroupProgress::new), logTail, now);
      case Completed _, Failed _, Stopped _ -> new Settle();
    };
  }

  /** What the answer to {@link Reserve} means. */
  static TrainingJobAction reserved(TrainingJob job, Placement answer, Instant now) {
    return switch (answer) {
      case Placement.Waiting(String reason) -> waiting(job.state(), reason, now);
      case Placement.Refused(String reason) ->
          become(
              List.of(), new Failed(FailureReason.noCapacity(reason), Optional.empty(), now), now);
      case Placement.Granted(_, String note) ->
          new Become(
              new Preparing(now),
              List.of(
                  new Transition(
                      TrainingPhase.STARTING, "Preparing the instances for training" + note, now)));
    };
  }

  private static TrainingJobAction waiting(TrainingJobState state, String reason, Instant now) {
    Instant since = now;
    if (state instanceof Pending(Instant before, String known)) {
      if (known.equals(reason)) {
        return new Rest();
      }
      since = before;
    }
    return new Become(
        new Pending(since, reason), List.of(new Transition(TrainingPhase.PENDING, reason, now)));
  }

  /** The instances are the runtime's now. */
  static Become started(Instant now) {
    return new Become(new Downloading(now), List.of(transition(TrainingPhase.DOWNLOADING, now)));
  }

  /** The runtime did not take the instances on. */
  static TrainingJobAction notStarted(
      TrainingJob job, String reason, boolean retryable, Instant now) {
    if (retryable
        && job.state() instanceof Preparing(Instant since)
        && now.isBefore(since.plus(START_DEADLINE))) {
      return new Rest();
    }
    return become(
        List.of(),
        new Failed(FailureReason.notStarted(reason, retryable), Optional.empty(), now),
        now);
  }

  /** The user wants it stopped; empty where it has ended or is stopping already. */
  static Optional<Become> stopRequested(TrainingJobState state, Instant now) {
    if (state.terminal() || state.phase() == TrainingPhase.STOPPING) {
      return Optional.empty();
    }
    return Optional.of(
        become(List.of(), new StopRequested(Cause.USER, state.trainingStartedAt(), now), now));
  }

  /** Goes through every phase that has begun since the last look, however many there are. */
  private static TrainingJobAction follow(
      TrainingJob job, Optional<GroupProgress> group, List<String> logTail, Instant now) {
    TrainingJobState state = job.state();
    List<Transition> transitions = new ArrayList<>();
    Instant at = since(state);
    Optional<Step> step = step(job, state, group, logTail, now);
    while (step.isPresent()) {
      at = later(at, step.get().at());
      if (step.get().state().phase() != state.phase()) {
        transitions.add(transition(step.get().state().phase(), at));
      }
      state = step.get().state();
      step = step(job, state, group, logTail, now);
    }
    boolean unfinished = group.isPresent() && group.get().unfinished();
    if (state instanceof StopRequested(Cause cause, Optional<Instant> startedAt, Instant since)) {
      return new Stop(STOP_GRACE, new Become(new Stopping(cause, startedAt, since), transitions));
    }
    if (state.equals(job.state())) {
      return new Rest();
    }
    Become become = new Become(state, transitions);
    // A host has failed while others go on: they are told to end.
    return state instanceof Uploading && unfinished ? new Stop(STOP_GRACE, become) : become;
  }

  /** The next state, and when it began. */
  private record Step(TrainingJobState state, Instant at) {}

  private static Optional<Step> step(
      TrainingJob job,
      TrainingJobState state,
      Optional<GroupProgress> group,
      List<String> logTail,
      Instant now) {
    return switch (state) {
      case Downloading _ -> fromDownloading(job, group, logTail, now);
      case Training(Instant startedAt) -> fromTraining(job, startedAt, group, now);
      case Uploading(Optional<Instant> startedAt, _) ->
          fromUploading(job, startedAt, group, logTail, now);
      case StopRequested(Cause cause, Optional<Instant> startedAt, _) ->
          fromStopping(cause, startedAt, group, now);
      case Stopping(Cause cause, Optional<Instant> startedAt, _) ->
          fromStopping(cause, startedAt, group, now);
      case Starting _, Pending _, Preparing _, Completed _, Failed _, Stopped _ -> Optional.empty();
    };
  }

  private static Optional<Step> fromDownloading(
      TrainingJob job, Optional<GroupProgress> group, List<String> logTail, Instant now) {
    if (group.isEmpty()) {
      return gone(Optional.empty(), now);
    }
    GroupProgress seen = group.get();
    if (seen.startedAt().isPresent()) {
      Instant startedAt = seen.startedAt().get();
      return Optional.of(new Step(new Training(startedAt), startedAt));
    }
    if (seen.ended()) {
      return end(job, Optional.empty(), seen, logTail, now);
    }
    return seen.firstFailure()
        .flatMap(GroupProgress::failedAt)
        .map(at -> earlier(at, now))
        .map(at -> new Step(new Uploading(Optional.empty(), at), at));
  }

  private static Optional<Step> fromTraining(
      TrainingJob job, Instant startedAt, Optional<GroupProgress> group, Instant now) {
    if (group.isEmpty()) {
      return gone(Optional.of(startedAt), now);
    }
    GroupProgress seen = group.get();
    Optional<Instant> failedAt = seen.firstFailure().flatMap(GroupProgress::failedAt);
    if (failedAt.isPresent() || !seen.unfinished()) {
      Instant at = earlier(failedAt.or(seen::lastExitAt).orElse(now), now);
      return Optional.of(new Step(new Uploading(Optional.of(startedAt), at), at));
    }
    // Only while a program runs: one that ended in time and was seen late is not punished.
    return now.isBefore(startedAt.plus(job.definition().maxRuntime()))
        ? Optional.empty()
        : Optional.of(
            new Step(new StopRequested(Cause.MAX_RUNTIME, Optional.of(startedAt), now), now));
  }

  private static Optional<Step> fromUploading(
      TrainingJob job,
      Optional<Instant> startedAt,
      Optional<GroupProgress> group,
      List<String> logTail,
      Instant now) {
    if (group.isEmpty()) {
      return gone(startedAt, now);
    }
    return group.get().ended() ? end(job, startedAt, group.get(), logTail, now) : Optional.empty();
  }

  private static Optional<Step> fromStopping(
      Cause cause, Optional<Instant> known, Optional<GroupProgress> group, Instant now) {
    Optional<Instant> startedAt = known.or(() -> group.flatMap(GroupProgress::startedAt));
    if (group.isPresent() && !group.get().ended()) {
      return Optional.empty();
    }
    Instant at = group.flatMap(GroupProgress::endedAt).orElse(now);
    return Optional.of(new Step(new Stopped(cause, startedAt, at), at));
  }

  private static Optional<Step> end(
      TrainingJob job,
      Optional<Instant> startedAt,
      GroupProgress seen,
      List<String> logTail,
      Instant now) {
    Instant at = seen.endedAt().orElse(now);
    Optional<MemberObservation> failure = seen.firstFailure();
    if (failure.isPresent()) {
      String reason = FailureReason.of(failure.get(), job.definition().instanceCount(), logTail);
      return Optional.of(new Step(new Failed(reason, startedAt, at), at));
    }
    return Optional.of(new Step(new Completed(startedAt.orElse(at), at), at));
  }

  private static Optional<Step> gone(Optional<Instant> startedAt, Instant now) {
    return Optional.of(new Step(new Failed(FailureReason.INSTANCES_GONE, startedAt, now), now));
  }

  private static Become become(List<Transition> before, TrainingJobState state, Instant at) {
    List<Transition> transitions = new ArrayList<>(before);
    transitions.add(transition(state.phase(), at));
    return new Become(state, transitions);
  }

  /** The phase with SageMaker's own words. */
  static Transition transition(TrainingPhase phase, Instant at) {
    String message =
        switch (phase) {
          case STARTING -> "Starting the training job";
          case PENDING -> "Waiting for capacity";
          case DOWNLOADING -> "Downloading input data";
          case TRAINING -> "Training image download completed. Training in progress.";
          case UPLOADING -> "Uploading generated training model";
          case STOPPING -> "Stopping the training job";
          case COMPLETED -> "Training job completed";
          case FAILED -> "Training job failed";
          case STOPPED -> "Training job stopped";
          case MAX_RUNTIME_EXCEEDED -> "Training job runtime exceeded MaxRuntimeInSeconds provided";
        };
    return new Transition(phase, message, at);
  }

  private static Instant since(TrainingJobState state) {
    return switch (state) {
      case Starting(Instant since) -> since;
      case Pending(Instant since, _) -> since;
      case Preparing(Instant since) -> since;
      case Downloading(Instant since) -> since;
      case Training(Instant startedAt) -> startedAt;
      case Uploading(_, Instant since) -> since;
      case StopRequested(_, _, Instant since) -> since;
      case Stopping(_, _, Instant since) -> since;
      case Completed(_, Instant endedAt) -> endedAt;
      case Failed(_, _, Instant endedAt) -> endedAt;
      case Stopped(_, _, Instant endedAt) -> endedAt;
    };
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
