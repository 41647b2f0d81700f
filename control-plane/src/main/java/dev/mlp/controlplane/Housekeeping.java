package dev.mlp.controlplane;

import dev.mlp.controlplane.access.InstanceKeys;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.endpoint.EndpointSweep;
import dev.mlp.controlplane.metrics.Metrics;
import dev.mlp.controlplane.schedule.Schedules;
import dev.mlp.controlplane.training.TrainingJobReconciler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is swept, and how often: what runs and nobody tracks, uploads that nobody will finish. */
final class Housekeeping {
  /** How long a group of instances may be untracked before it is removed. */
  static final Duration ORPHAN_GRACE = Duration.ofMinutes(5);

  private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);
  private static final Duration UPLOAD_SWEEP_INTERVAL = Duration.ofHours(6);
  private static final Duration METRICS_SWEEP_INTERVAL = Duration.ofHours(1);

  /** As long as CloudWatch keeps minutes. */
  private static final Duration METRICS_RETENTION = Duration.ofDays(15);

  private static final Duration UNFINISHED_UPLOAD_AGE = Duration.ofDays(7);

  private Housekeeping() {}

  /** Puts the sweeps into the schedules, and starts these. */
  static Schedules schedule(
      Schedules schedules,
      EndpointSweep endpoints,
      TrainingJobReconciler training,
      InstanceKeys keys,
      Runtimes runtimes,
      Metrics metrics,
      Optional<EmbeddedS3> store,
      Clock clock) {
    schedules.every(
        "sweep-instances",
        SWEEP_INTERVAL,
        () -> {
          sweepInstances(endpoints, training, clock);
          sweepKeys(endpoints, training, keys);
          sweepRuntimes(runtimes);
        });
    schedules.every(
        "sweep-metrics", METRICS_SWEEP_INTERVAL, () -> metrics.sweep(METRICS_RETENTION));
    store.ifPresent(s3 ->
        schedules.every("sweep-uploads", UPLOAD_SWEEP_INTERVAL, () -> sweepUploads(s3, clock)));
    schedules.start();
    return schedules;
  }

  private static void sweepInstances(
      EndpointSweep endpoints, TrainingJobReconciler training, Clock clock) {
    try {
      endpoints.sweep(clock.instant());
      training.sweep(clock.instant());
    } catch (ContainerRuntimeException e) {
      throw new IllegalStateException("cannot sweep instances", e);
    }
  }

  /** Ends the keys of instances that have no row any more. */
  static void sweepKeys(
      EndpointSweep endpoints, TrainingJobReconciler training, InstanceKeys keys) {
    keys.sweep(() ->
        Stream.concat(endpoints.tracked().stream(), training.trackedGroups().stream())
            .map(GroupId::value)
            .collect(Collectors.toSet()));
  }

  private static void sweepRuntimes(Runtimes runtimes) {
    try {
      runtimes.sweep();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sweepUploads(EmbeddedS3 store, Clock clock) {
    try {
      store.sweep(UNFINISHED_UPLOAD_AGE, clock.instant());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
