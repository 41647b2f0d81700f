package dev.mlp.controlplane.training;

import dev.mlp.controlplane.metrics.MetricValue;
import dev.mlp.controlplane.wire.WireCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.MetricData;
import software.amazon.awssdk.services.sagemaker.model.ModelArtifacts;
import software.amazon.awssdk.services.sagemaker.model.OutputDataConfig;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatusTransition;
import software.amazon.awssdk.services.sagemaker.model.StoppingCondition;

/** What DescribeTrainingJob answers. */
final class TrainingJobDescription {
  private TrainingJobDescription() {}

  /**
   * Members of the request have the same names in the answer, so they are read back from it as they
   * were stored; absent ones stay absent, because clients take empty structures for mistakes.
   *
   * @param progress of the phase that is under way, put behind its message; may be empty
   */
  static DescribeTrainingJobResponse of(
      TrainingJobStore.Stored stored,
      List<TrainingJobStore.PhaseRow> phases,
      List<MetricValue> metrics,
      String progress) {
    TrainingJob job = stored.job();
    TrainingJobState state = job.state();
    DescribeTrainingJobResponse request =
        WireCodec.read(stored.requestJson(), DescribeTrainingJobResponse::builder);
    DescribeTrainingJobResponse.Builder answer =
        request.toBuilder()
            .trainingJobArn(job.key().arn())
            .trainingJobStatus(state.phase().status())
            .secondaryStatus(state.phase().secondaryStatus())
            .creationTime(job.createdAt())
            .lastModifiedTime(stored.modifiedAt())
            .trainingStartTime(state.trainingStartedAt().orElse(null))
            .trainingEndTime(state.trainingEndedAt().orElse(null))
            // Known from the start: clients read it as soon as the job has ended, in any way.
            .modelArtifacts(
                ModelArtifacts.builder().s3ModelArtifacts(job.modelArtifact().toString()).build())
            .outputDataConfig(output(request))
            .stoppingCondition(stopping(request, job))
            .enableNetworkIsolation(job.definition().networkIsolation())
            .enableInterContainerTrafficEncryption(false)
            .enableManagedSpotTraining(false)
            .secondaryStatusTransitions(phases(phases, progress));
    if (!metrics.isEmpty()) {
      answer.finalMetricDataList(metrics.stream().map(TrainingJobDescription::metric).toList());
    }
    if (state instanceof TrainingJobState.Failed(String reason, _, _)) {
      answer.failureReason(reason);
    }
    seconds(state)
        .ifPresent(seconds -> answer.trainingTimeInSeconds(seconds).billableTimeInSeconds(seconds));
    return answer.build();
  }

  /** The key's name is empty rather than absent: SageMaker's Python SDK 2 fails without it. */
  private static OutputDataConfig output(DescribeTrainingJobResponse request) {
    OutputDataConfig output =
        Objects.requireNonNullElse(request.outputDataConfig(), OutputDataConfig.builder().build());
    return output.toBuilder().kmsKeyId(Objects.requireNonNullElse(output.kmsKeyId(), "")).build();
  }

  private static StoppingCondition stopping(DescribeTrainingJobResponse request, TrainingJob job) {
    StoppingCondition given =
        Objects.requireNonNullElse(
            request.stoppingCondition(), StoppingCondition.builder().build());
    return given.toBuilder()
        .maxRuntimeInSeconds((int) job.definition().maxRuntime().toSeconds())
        .build();
  }

  private static List<SecondaryStatusTransition> phases(
      List<TrainingJobStore.PhaseRow> rows, String progress) {
    List<SecondaryStatusTransition> phases = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      boolean underWay = i == rows.size() - 1 && !progress.isEmpty();
      TrainingJobStore.PhaseRow row = rows.get(i);
      phases.add(phase(row, underWay ? row.message() + ": " + progress : row.message()));
    }
    return phases;
  }

  private static SecondaryStatusTransition phase(TrainingJobStore.PhaseRow row, String message) {
    return SecondaryStatusTransition.builder()
        .status(row.status())
        .statusMessage(message)
        .startTime(row.startedAt())
        .endTime(row.endedAt().orElse(null))
        .build();
  }

  private static MetricData metric(MetricValue value) {
    return MetricData.builder()
        .metricName(value.name())
        .value((float) value.value())
        .timestamp(value.at())
        .build();
  }

  /** Whole seconds of training, begun ones included; empty while it has not ended. */
  private static Optional<Integer> seconds(TrainingJobState state) {
    Optional<Instant> startedAt = state.trainingStartedAt();
    return state
        .trainingEndedAt()
        .map(endedAt ->
            (int)
                Math.ceilDiv(
                    Duration.between(startedAt.orElse(endedAt), endedAt).toMillis(), 1000));
  }
}
