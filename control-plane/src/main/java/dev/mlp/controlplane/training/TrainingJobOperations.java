package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.training.TrainingJobAction.Become;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.PageToken;
import dev.mlp.controlplane.wire.WireCodec;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsResponse;
import software.amazon.awssdk.services.sagemaker.model.SortBy;
import software.amazon.awssdk.services.sagemaker.model.SortOrder;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobSummary;

/** SageMaker's operations on training jobs. */
public final class TrainingJobOperations {
  private static final Logger logger = LoggerFactory.getLogger(TrainingJobOperations.class);
  private static final int DEFAULT_PAGE = 10;
  private static final int MAX_PAGE = 100;

  private final TrainingJobStore store;
  private final TrainingJobListStore lists;
  private final TrainingMetricStore metrics;
  private final TrainingJobChecks checks;
  private final TrainingPlacement placement;
  private final LogStore logs;
  private final StagingProgress progress;
  private final Consumer<TrainingJobKey> poke;
  private final Clock clock;

  /**
   * @param poke asks for a reconciler's pass soon, after every change
   */
  public TrainingJobOperations(
      TrainingJobStore store,
      TrainingJobListStore lists,
      TrainingMetricStore metrics,
      ContainerRuntime runtime,
      ArtifactStore artifacts,
      TrainingPlacement placement,
      LogStore logs,
      Consumer<TrainingJobKey> poke,
      Clock clock) {
    this.store = store;
    this.lists = lists;
    this.metrics = metrics;
    this.checks = new TrainingJobChecks(runtime, artifacts, placement);
    this.placement = placement;
    this.logs = logs;
    this.progress = new StagingProgress(runtime);
    this.poke = poke;
    this.clock = clock;
  }

  /** Accepts a job; it is started by the reconciler. */
  public CreateTrainingJobResponse create(Caller caller, CreateTrainingJobRequest request) {
    TrainingJobKey key = key(caller.tenant(), request.trainingJobName());
    TrainingJobDefinition definition = TrainingJobDefinition.from(request);
    if (store.find(key).isPresent()) {
      throw inUse(key);
    }
    checks.check(key, definition, Objects.requireNonNullElse(request.roleArn(), ""));
    // Rows keep milliseconds everywhere, so that what is answered and what is stored are equal.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    logs.createGroup(key.tenant(), TrainingJob.LOG_GROUP, now);
    GroupId group = group(key);
    boolean inserted =
        store.insert(
            key,
            group,
            WireCodec.write(request),
            new TrainingJobState.Starting(now),
            TrainingJobDecider.transition(TrainingPhase.STARTING, now));
    if (!inserted) {
      throw inUse(key);
    }
    takePlace(key, group, definition, now);
    poke.accept(key);
    return CreateTrainingJobResponse.builder().trainingJobArn(key.arn()).build();
  }

  /**
   * Before the answer is out: jobs start in the order in which they were accepted, and not in the
   * order in which the reconciler comes to them.
   */
  private void takePlace(
      TrainingJobKey key, GroupId group, TrainingJobDefinition definition, Instant now) {
    try {
      var _ = placement.reserve(group, definition, now);
    } catch (RuntimeException e) {
      // The job is accepted all the same; the reconciler asks again.
      logger.warn("training job {} has no place in the queue yet", key.arn(), e);
    }
  }

  /** A name of its own for every job, told apart by people from its beginning. */
  private static GroupId group(TrainingJobKey key) {
    String name = key.name().value().toLowerCase(Locale.ROOT).replaceAll("-+", "-");
    String start = name.substring(0, Math.min(name.length(), 40)).replaceFirst("-$", "");
    return new GroupId("train-" + start + "-" + UUID.randomUUID().toString().substring(0, 8));
  }

  private static ApiException inUse(TrainingJobKey key) {
    return new ApiException(
        ErrorCode.RESOURCE_IN_USE,
        "Training job names must be unique within an AWS account and region, and a training job"
            + " with this name already exists ("
            + key.arn()
            + ")");
  }

  /** Everything about a job. */
  public DescribeTrainingJobResponse describe(Caller caller, DescribeTrainingJobRequest request) {
    TrainingJobStore.Stored stored = find(caller.tenant(), request.trainingJobName());
    TrainingJobKey key = stored.job().key();
    return TrainingJobDescription.of(
        stored, store.phases(key), metrics.finalValues(key), progress.of(stored.job()));
  }

  /** Begins to stop a job, whatever it does at present. */
  public StopTrainingJobResponse stop(Caller caller, StopTrainingJobRequest request) {
    while (true) {
      TrainingJob job = find(caller.tenant(), request.trainingJobName()).job();
      if (job.state().terminal()) {
        throw ApiException.validation(
            "The request was rejected because the training job is in status "
                + job.state().phase().status()
                + ".");
      }
      Instant now = clock.instant();
      Optional<Become> become = TrainingJobDecider.stopRequested(job.state(), now);
      // A stale version means that the job went on meanwhile; it is looked at again.
      if (become.isEmpty() || store.update(job, become.get(), now)) {
        poke.accept(job.key());
        return StopTrainingJobResponse.builder().build();
      }
    }
  }

  /** Jobs by name, status and time, oldest first unless asked otherwise. */
  public ListTrainingJobsResponse list(Caller caller, ListTrainingJobsRequest request) {
    TrainingJobListStore.Order order = order(request.sortBy());
    TrainingJobListStore.Filter filter =
        new TrainingJobListStore.Filter(
            request.nameContains(),
            request.statusEqualsAsString(),
            request.creationTimeAfter(),
            request.creationTimeBefore(),
            request.lastModifiedTimeAfter(),
            request.lastModifiedTimeBefore(),
            order,
            request.sortOrder() == SortOrder.DESCENDING,
            position(order, request.nextToken()));
    int limit =
        Math.clamp(Objects.requireNonNullElse(request.maxResults(), DEFAULT_PAGE), 1, MAX_PAGE);
    List<TrainingJobListStore.Summary> rows = lists.list(caller.tenant(), filter, limit + 1);
    List<TrainingJobListStore.Summary> page = rows.subList(0, Math.min(limit, rows.size()));
    return ListTrainingJobsResponse.builder()
        .trainingJobSummaries(page.stream().map(row -> summary(caller.tenant(), row)).toList())
        .nextToken(rows.size() > limit ? token(page.getLast().position(order)) : null)
        .build();
  }

  private static TrainingJobSummary summary(Tenant tenant, TrainingJobListStore.Summary row) {
    return TrainingJobSummary.builder()
        .trainingJobName(row.name().value())
        .trainingJobArn(new TrainingJobKey(tenant, row.name()).arn())
        .creationTime(row.createdAt())
        .lastModifiedTime(row.modifiedAt())
        .trainingEndTime(row.trainingEndedAt().orElse(null))
        .trainingJobStatus(row.status())
        .secondaryStatus(row.secondaryStatus())
        .build();
  }

  private static TrainingJobListStore.Order order(@Nullable SortBy sortBy) {
    return switch (Objects.requireNonNullElse(sortBy, SortBy.CREATION_TIME)) {
      case NAME -> TrainingJobListStore.Order.NAME;
      case STATUS -> TrainingJobListStore.Order.STATUS;
      case CREATION_TIME, UNKNOWN_TO_SDK_VERSION -> TrainingJobListStore.Order.CREATION_TIME;
    };
  }

  private static String token(TrainingJobListStore.Position position) {
    return new PageToken(List.of(position.sortKey(), position.name())).encode();
  }

  private static TrainingJobListStore.@Nullable Position position(
      TrainingJobListStore.Order order, @Nullable String token) {
    if (token == null) {
      return null;
    }
    List<String> parts = PageToken.decode(token).position();
    if (parts.size() == 2
        && (order != TrainingJobListStore.Order.CREATION_TIME || isTime(parts.getFirst()))) {
      return new TrainingJobListStore.Position(parts.get(0), parts.get(1));
    }
    throw ApiException.validation(
        "Invalid NextToken: expected the token of the answer before, with the same parameters.");
  }

  private static boolean isTime(String text) {
    try {
      Instant.parse(text);
      return true;
    } catch (DateTimeParseException _) {
      return false;
    }
  }

  private TrainingJobStore.Stored find(Tenant tenant, @Nullable String name) {
    return store
        .find(key(tenant, name))
        .orElseThrow(() -> ApiException.validation("Requested resource not found."));
  }

  private static TrainingJobKey key(Tenant tenant, @Nullable String name) {
    try {
      return new TrainingJobKey(tenant, new TrainingJobName(Objects.requireNonNullElse(name, "")));
    } catch (IllegalArgumentException e) {
      throw ApiException.validation(String.valueOf(e.getMessage()));
    }
  }
}
