package dev.mlp.controlplane.training;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a training job stands.
 *
 * <pre>
 * Starting ──→ Pending ──→ Preparing → Downloading → Training → Uploading → Completed
 *     └──────────────────────↗  │           │  └────────────────↗  │
 *                               └───────────┴──────────────────────┴──────→ Failed
 *
 * any of these → StopRequested → Stopping → Stopped
 *                      └───────────────────────↗
 * </pre>
 *
 * What has ended stays as it is.
 */
public sealed interface TrainingJobState {
  /** Accepted. Set by the API; left as soon as capacity has been asked for. */
  record Starting(Instant since) implements TrainingJobState {}

  /**
   * In the queue for memory and GPUs. Left when it is granted. {@code reason} changes with the
   * queue.
   */
  record Pending(Instant since, String reason) implements TrainingJobState {}

  /**
   * The memory and GPUs are the job's. Left when the runtime has taken the instances on, or will
   * not.
   */
  record Preparing(Instant since) implements TrainingJobState {}

  /** The runtime stages code and data. Left when a program runs, or staging has failed. */
  record Downloading(Instant since) implements TrainingJobState {}

  /** At least one program runs. Left when all have exited, when one has failed, or by the clock. */
  record Training(Instant startedAt) implements TrainingJobState {}

  /**
   * All programs have exited and outputs are collected; or one host has failed and the others are
   * being stopped. Left when the runtime is done with every host.
   */
  record Uploading(Optional<Instant> startedAt, Instant since) implements TrainingJobState {}

  /** Is to stop; the runtime has not been told yet. Set by the API, or when the time is up. */
  record StopRequested(Cause cause, Optional<Instant> startedAt, Instant since)
      implements TrainingJobState {}

  /** The runtime has been told. Left when every program has ended and outputs are stored. */
  record Stopping(Cause cause, Optional<Instant> startedAt, Instant since)
      implements TrainingJobState {}

  /** Every program exited with 0, and the model is stored. */
  record Completed(Instant startedAt, Instant endedAt) implements TrainingJobState {}

  /** {@code reason} as the API shows it. */
  record Failed(String reason, Optional<Instant> startedAt, Instant endedAt)
      implements TrainingJobState {}

  /** Stopped before it was done; outputs are stored as far as there were any. */
  record Stopped(Cause cause, Optional<Instant> startedAt, Instant endedAt)
      implements TrainingJobState {}

  /** Why a job is stopped. */
  enum Cause {
    USER,
    MAX_RUNTIME
  }

  /** Whether it never changes again. */
  default boolean terminal() {
    return trainingEndedAt().isPresent();
  }

  /** What the API calls it. */
  default TrainingPhase phase() {
    return switch (this) {
      case Starting _, Preparing _ -> TrainingPhase.STARTING;
      case Pending _ -> TrainingPhase.PENDING;
      case Downloading _ -> TrainingPhase.DOWNLOADING;
      case Training _ -> TrainingPhase.TRAINING;
      case Uploading _ -> TrainingPhase.UPLOADING;
      case StopRequested _, Stopping _ -> TrainingPhase.STOPPING;
      case Completed _ -> TrainingPhase.COMPLETED;
      case Failed _ -> TrainingPhase.FAILED;
      case Stopped(Cause cause, _, _) ->
          switch (cause) {
            case USER -> TrainingPhase.STOPPED;
            case MAX_RUNTIME -> TrainingPhase.MAX_RUNTIME_EXCEEDED;
          };
    };
  }

  /** When its first program began, where one has. */
  default Optional<Instant> trainingStartedAt() {
    return switch (this) {
      case Starting _, Pending _, Preparing _, Downloading _ -> Optional.empty();
      case Training(Instant startedAt) -> Optional.of(startedAt);
      case Completed(Instant startedAt, _) -> Optional.of(startedAt);
      case Uploading(Optional<Instant> startedAt, _) -> startedAt;
      case StopRequested(_, Optional<Instant> startedAt, _) -> startedAt;
      case Stopping(_, Optional<Instant> startedAt, _) -> startedAt;
      case Failed(_, Optional<Instant> startedAt, _) -> startedAt;
      case Stopped(_, Optional<Instant> startedAt, _) -> startedAt;
    };
  }

  /** When it was over. */
  default Optional<Instant> trainingEndedAt() {
    return switch (this) {
      case Starting _, Pending _, Preparing _, Downloading _, Training _ -> Optional.empty();
      case Uploading _, StopRequested _, Stopping _ -> Optional.empty();
      case Completed(_, Instant endedAt) -> Optional.of(endedAt);
      case Failed(_, _, Instant endedAt) -> Optional.of(endedAt);
      case Stopped(_, _, Instant endedAt) -> Optional.of(endedAt);
    };
  }
}
