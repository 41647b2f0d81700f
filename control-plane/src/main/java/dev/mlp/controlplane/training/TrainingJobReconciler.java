package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.InstanceCredentials;
import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.access.InstanceVariables;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.metrics.MetricSink;
import dev.mlp.controlplane.training.TrainingJobAction.Become;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings training jobs on: load, decide, act, record. Every act can be repeated, and what was
 * recorded last tells which one is next, so that a crash anywhere heals on the next pass.
 *
 * <p>For one job there is never more than one pass at a time (see {@link
 * dev.mlp.controlplane.reconcile.ReconcileLoop}).
 */
public final class TrainingJobReconciler {
  private static final Logger logger = LoggerFactory.getLogger(TrainingJobReconciler.class);

  /** For the failure reason; it holds no more than that many anyway. */
  private static final int LOG_TAIL_LINES = 10;

  /** A job gets to its end in fewer; the rest waits for the next tick. */
  private static final int STEPS_PER_PASS = 20;

  /** How long a group may go untracked: long enough for any pass that is under way to end. */
  private static final Duration SWEEP_GRACE = Duration.ofMinutes(2);

  private final TrainingJobStore store;
  private final FinalMetrics metrics;
  private final ContainerRuntime runtime;
  private final TrainingPlacement placement;
  private final LogStore logs;
  private final InstanceCredentials credentials;
  private final Clock clock;
  private final Map<GroupId, Instant> untracked = new ConcurrentHashMap<>();

  /**
   * @param series takes every value of the metrics that jobs log
   */
  public TrainingJobReconciler(
      TrainingJobStore store,
      TrainingMetricStore metrics,
      MetricSink series,
      ContainerRuntime runtime,
      TrainingPlacement placement,
      LogStore logs,
      InstanceCredentials credentials,
      Clock clock) {
    this.store = store;
    this.metrics = new FinalMetrics(metrics, logs, series);
    this.runtime = runtime;
    this.placement = placement;
    this.logs = logs;
    this.credentials = credentials;
    this.clock = clock;
  }

  /** The jobs that are not at rest. */
  public Collection<TrainingJobKey> active() {
    return store.unsettled();
  }

  /** The groups of jobs of which anything may be left. */
  public Set<GroupId> trackedGroups() {
    return store.trackedGroups();
  }

  /** Whose group it is, to pass a runtime's hint on. */
  public Optional<TrainingJobKey> owner(GroupId group) {
    return store.findByGroup(group);
  }

  /** What each instance of the group may write; empty where that has no bound. */
  public OptionalLong volumeBytes(GroupId group) {
    return store
        .findByGroup(group)
        .flatMap(store::find)
        .map(stored -> stored.job().definition().volumeBytes())
        .orElse(OptionalLong.empty());
  }

  /** One pass: as far as the job gets without waiting. */
  public void reconcile(TrainingJobKey key) {
    for (int i = 0; i < STEPS_PER_PASS; i++) {
      Optional<TrainingJobStore.Stored> stored = store.find(key);
      if (stored.isEmpty() || !advance(stored.get().job())) {
        return;
      }
    }
  }

  /** Decides and acts once; false when nothing is left to do for now. */
  private boolean advance(TrainingJob job) {
    try {
      Optional<GroupObservation> group = observe(job);
      if (group.isPresent()) {
        metrics.readOn(job);
      }
      TrainingJobAction action =
          TrainingJobDecider.decide(job, group, tail(job, group), clock.instant());
      return act(job, action);
    } catch (ContainerRuntimeException e) {
      throw new IllegalStateException(
          "runtime " + runtime.name() + " cannot be asked about " + job.group(), e);
    }
  }

  private Optional<GroupObservation> observe(TrainingJob job) throws ContainerRuntimeException {
    return switch (job.state()) {
      case TrainingJobState.Starting _, TrainingJobState.Pending _, TrainingJobState.Preparing _ ->
          Optional.empty();
      case TrainingJobState.Completed _, TrainingJobState.Failed _, TrainingJobState.Stopped _ ->
          Optional.empty();
      case TrainingJobState.Downloading _,
          TrainingJobState.Training _,
          TrainingJobState.Uploading _,
          TrainingJobState.StopRequested _,
          TrainingJobState.Stopping _ ->
          runtime.observe(job.group());
    };
  }

  private boolean act(TrainingJob job, TrainingJobAction action) throws ContainerRuntimeException {
    return switch (action) {
      case TrainingJobAction.Rest _ -> false;
      case TrainingJobAction.Reserve _ -> reserve(job);
      case TrainingJobAction.Start _ -> start(job);
      case TrainingJobAction.Stop(Duration grace, Become then) -> {
        runtime.stop(job.group(), grace);
        yield record(job, then);
      }
      case Become become -> record(job, become);
      case TrainingJobAction.Settle _ -> {
        runtime.remove(job.group());
        placement.release(job.group(), clock.instant());
        credentials.revoke(job.group().value());
        store.settle(job.key());
        yield false;
      }
    };
  }

  private boolean reserve(TrainingJob job) {
    return placed(job, placement.reserve(job.group(), job.definition(), clock.instant()));
  }

  private boolean placed(TrainingJob job, Placement answer) {
    TrainingJobAction action = TrainingJobDecider.reserved(job, answer, clock.instant());
    return action instanceof Become become
        && record(job, become)
        && !(become.state() instanceof TrainingJobState.Pending);
  }

  private boolean start(TrainingJob job) {
    // What was granted, and not what would be now: that is what the books say it has.
    Placement answer = placement.reserve(job.group(), job.definition(), clock.instant());
    if (!(answer instanceof Placement.Granted granted)) {
      return placed(job, answer);
    }
    try {
      runtime.start(
          TrainingJobSpec.of(
              job,
              granted.resources(),
              host -> logs.create(job.log(host), clock.instant()),
              host -> platform(job, host)));
    } catch (ContainerRuntimeException e) {
      TrainingJobAction action =
          TrainingJobDecider.notStarted(
              job, String.valueOf(e.getMessage()), e.retryable(), clock.instant());
      if (action instanceof Become become) {
        logger.warn("training job {} cannot be started", job.key().arn(), e);
        return record(job, become);
      }
      logger.warn("training job {} is not started yet; trying again", job.key().arn(), e);
      return false;
    }
    return record(job, TrainingJobDecider.started(clock.instant()));
  }

  private Map<String, String> platform(TrainingJob job, String host) {
    Tenant tenant = job.key().tenant();
    return job.definition().networkIsolation()
        ? InstanceVariables.withoutNetwork(tenant)
        : credentials.issue(
            new InstanceName(tenant, job.group().value(), host),
            runtime.platformHost(),
            TrainingJobSpec.scope(job));
  }

  /** False when the row has changed meanwhile: the next pass decides anew. */
  private boolean record(TrainingJob job, Become become) {
    if (become.state().terminal()) {
      // Before anyone is told that it is over: the logs are whole, and so are the metrics.
      job.hosts().forEach(host -> logs.close(job.log(host), clock.instant()));
      metrics.readOn(job);
    }
    if (!store.update(job, become, clock.instant())) {
      return true;
    }
    // Other words for the same wait are not worth a line: with many in the queue they come often.
    become.transitions().stream()
        .filter(transition ->
            transition.phase() != job.state().phase()
                || transition.phase() != TrainingPhase.PENDING)
        .forEach(transition ->
            logger.info(
                "training job {}: {}: {}",
                job.key().arn(),
                transition.phase().secondaryStatus(),
                transition.message()));
    return true;
  }

  private List<String> tail(TrainingJob job, Optional<GroupObservation> group) {
    return group
        .map(GroupProgress::new)
        .flatMap(GroupProgress::firstFailure)
        .map(MemberObservation::hostName)
        .map(host -> logs.tail(job.log(host), LOG_TAIL_LINES))
        .orElse(List.of());
  }

  /**
   * Removes groups that the runtime holds for training jobs and that no job tracks, once they have
   * been seen so for two minutes. To be called now and then, from a schedule.
   */
  public void sweep(Instant now) {
    try {
      // What is held is asked first: a job is stored before its group is started.
      Set<GroupId> orphans = new HashSet<>(heldForTraining());
      orphans.removeAll(store.trackedGroups());
      untracked.keySet().retainAll(orphans);
      for (GroupId group : orphans) {
        Instant since = untracked.computeIfAbsent(group, _ -> now);
        if (!now.isBefore(since.plus(SWEEP_GRACE))) {
          logger.info("removing instance group {}: no training job tracks it", group);
          remove(group);
        }
      }
    } catch (ContainerRuntimeException e) {
      throw new IllegalStateException("cannot sweep runtime " + runtime.name(), e);
    }
  }

  private void remove(GroupId group) {
    try {
      runtime.remove(group);
      placement.release(group, clock.instant());
      credentials.revoke(group.value());
      untracked.remove(group);
    } catch (ContainerRuntimeException e) {
      logger.warn("cannot remove instance group {}; trying again at the next sweep", group, e);
    }
  }

  private List<GroupId> heldForTraining() throws ContainerRuntimeException {
    return runtime.observeAll().stream()
        .filter(group -> group.owner().kind() == Owner.Kind.TRAINING_JOB)
        .map(GroupObservation::id)
        .toList();
  }
}
