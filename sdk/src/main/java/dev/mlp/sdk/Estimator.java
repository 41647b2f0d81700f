package dev.mlp.sdk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.MetricDefinition;
import software.amazon.awssdk.services.sagemaker.model.OutputDataConfig;
import software.amazon.awssdk.services.sagemaker.model.S3DataDistribution;
import software.amazon.awssdk.services.sagemaker.model.S3DataType;
import software.amazon.awssdk.services.sagemaker.model.Tag;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** A training program and how to run it. Each {@link #fit} is a training job of its own. */
public final class Estimator {
  private final Session session;
  private final Settings settings;
  private volatile @Nullable TrainingJob latest;

  private Estimator(Session session, Settings settings, @Nullable TrainingJob latest) {
    this.session = session;
    this.settings = settings;
    this.latest = latest;
  }

  /** An estimator on a session by the environment, unless the builder gets another. */
  public static Builder builder() {
    return new Builder();
  }

  /** An estimator whose latest job is an existing one, to wait for it or deploy its model. */
  public static Estimator attach(Session session, String jobName) {
    TrainingJob job = TrainingJob.attach(session, jobName);
    job.describe();
    return new Estimator(session, new Settings(), job);
  }

  /** Like {@link #attach(Session, String)}, on a session by the environment. */
  public static Estimator attach(String jobName) {
    return attach(Session.create(), jobName);
  }

  /**
   * Trains, prints status and log to standard output, and returns when the job has ended.
   *
   * @param inputs per channel an address ({@code s3://…}) or a path of a file or folder, which is
   *     uploaded
   * @throws InvalidRequestException if the job cannot work; nothing was uploaded then
   * @throws TrainingJobFailedException if it ends in Failed
   */
  public TrainingJob fit(Map<String, ?> inputs) {
    return fit(inputs, TrainingListener.printing(System.out));
  }

  /** Trains; returns at once when {@code wait} is false. */
  public TrainingJob fit(Map<String, ?> inputs, boolean wait) {
    return wait ? fit(inputs) : start(inputs, TrainingListener.SILENT);
  }

  /** Trains and returns when the job has ended; the listener hears how it gets on. */
  public TrainingJob fit(Map<String, ?> inputs, TrainingListener listener) {
    TrainingJob job = start(inputs, listener);
    await(listener);
    return job;
  }

  /** Creates the training job and does not wait. */
  public TrainingJob start(Map<String, ?> inputs, TrainingListener listener) {
    TrainingJob job = plan(inputs).submit(listener);
    latest = job;
    return job;
  }

  /**
   * Waits for the latest job.
   *
   * @throws TrainingJobFailedException if it ends in Failed
   */
  public DescribeTrainingJobResponse await(TrainingListener listener) {
    DescribeTrainingJobResponse job = latestJob().await(listener);
    if (job.trainingJobStatus() == TrainingJobStatus.FAILED) {
      throw new TrainingJobFailedException(
          job.trainingJobName(),
          Optional.ofNullable(job.failureReason()).orElse("the platform gives no reason"));
    }
    return job;
  }

  /** The job of the last {@code fit}, or the one attached to. */
  public TrainingJob latestJob() {
    TrainingJob job = latest;
    if (job == null) {
      throw new IllegalStateException("there is no training job yet: call fit first");
    }
    return job;
  }

  /** Deploys the latest job's model and waits until it answers. */
  public Predictor deploy(int instanceCount, String instanceType) {
    return latestJob().deploy(instanceCount, instanceType);
  }

  /**
   * What {@link #start} would do, checked.
   *
   * @throws InvalidRequestException with every problem
   */
  public TrainingPlan plan(Map<String, ?> inputs) {
    Path entryPoint = settings.entryPoint;
    if (entryPoint == null && settings.sourceDirectory != null) {
      throw new InvalidRequestException("a source folder needs an entry point in it");
    }
    Optional<SourceCode> source =
        entryPoint == null
            ? Optional.empty()
            : Optional.of(SourceCode.of(entryPoint, settings.sourceDirectory));
    CreateTrainingJobRequest.Builder request = CreateTrainingJobRequest.builder();
    if (settings.jobName != null) {
      request.trainingJobName(settings.jobName);
    }
    if (settings.roleArn != null) {
      request.roleArn(settings.roleArn);
    }
    Map<String, String> hyperParameters =
        source.isPresent()
            ? HyperParameters.json(settings.hyperParameters)
            : HyperParameters.plain(settings.hyperParameters);
    if (!hyperParameters.isEmpty()) {
      request.hyperParameters(hyperParameters);
    }
    if (!settings.environment.isEmpty()) {
      request.environment(settings.environment);
    }
    if (!inputs.isEmpty()) {
      request.inputDataConfig(
          new TreeMap<>(inputs).entrySet().stream().map(this::channel).toList());
    }
    if (!settings.tags.isEmpty()) {
      request.tags(
          settings.tags.entrySet().stream()
              .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
              .toList());
    }
    if (settings.outputPath != null) {
      request.outputDataConfig(
          OutputDataConfig.builder().s3OutputPath(settings.outputPath).build());
    }
    request.algorithmSpecification(a -> {
      a.trainingImage(settings.image);
      if (!settings.metricDefinitions.isEmpty()) {
        a.metricDefinitions(
            settings.metricDefinitions.entrySet().stream()
                .map(m -> MetricDefinition.builder().name(m.getKey()).regex(m.getValue()).build())
                .toList());
      }
    });
    request.resourceConfig(
        r -> r.instanceType(settings.instanceType).instanceCount(settings.instanceCount));
    request.stoppingCondition(s -> s.maxRuntimeInSeconds(seconds(settings.maxRuntime)));
    return TrainingPlan.of(session, request.build(), Path.of(""), baseName(), source);
  }

  private Channel channel(Map.Entry<String, ?> input) {
    if (input.getValue() instanceof Channel channel) {
      return channel.toBuilder().channelName(input.getKey()).build();
    }
    String address = String.valueOf(input.getValue());
    return Channel.builder()
        .channelName(input.getKey())
        .dataSource(d ->
            d.s3DataSource(s ->
                s.s3DataType(S3DataType.S3_PREFIX)
                    .s3DataDistributionType(S3DataDistribution.FULLY_REPLICATED)
                    .s3Uri(address)))
        .build();
  }

  private String baseName() {
    if (settings.baseName != null) {
      return settings.baseName;
    }
    String image =
        Optional.ofNullable(settings.image).or(session::trainingImage).orElse("training-job");
    return UniqueName.baseOfImage(image);
  }

  private static int seconds(Duration duration) {
    return Math.clamp(duration.toSeconds(), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** What the builder gathers; copied when an estimator is built. */
  private static final class Settings {
    private @Nullable Path entryPoint;
    private @Nullable Path sourceDirectory;
    private @Nullable String jobName;
    private @Nullable String baseName;
    private @Nullable String image;
    private @Nullable String roleArn;
    private @Nullable String outputPath;
    private @Nullable String instanceType;
    private @Nullable Integer instanceCount;
    private Duration maxRuntime = TrainingPlan.DEFAULT_MAX_RUNTIME;
    private Map<String, Object> hyperParameters = Map.of();
    private Map<String, String> environment = Map.of();
    private Map<String, String> metricDefinitions = Map.of();
    private Map<String, String> tags = Map.of();

    Settings() {}

    Settings(Settings other) {
      entryPoint = other.entryPoint;
      sourceDirectory = other.sourceDirectory;
      jobName = other.jobName;
      baseName = other.baseName;
      image = other.image;
      roleArn = other.roleArn;
      outputPath = other.outputPath;
      instanceType = other.instanceType;
      instanceCount = other.instanceCount;
      maxRuntime = other.maxRuntime;
      hyperParameters = other.hyperParameters;
      environment = other.environment;
      metricDefinitions = other.metricDefinitions;
      tags = other.tags;
    }
  }

  /** Settings of an estimator; only what the training image needs must be set. */
  public static final class Builder {
    private final Settings settings = new Settings();
    private @Nullable Session session;

    private Builder() {}

    /** Where to train. */
    public Builder session(Session session) {
      this.session = session;
      return this;
    }

    /**
     * The program: a {@code .jar}, {@code .py} or {@code .sh}; in the source folder, if there is
     * one.
     */
    public Builder entryPoint(Path file) {
      settings.entryPoint = file;
      return this;
    }

    /** A folder that is sent along. */
    public Builder sourceDir(Path directory) {
      settings.sourceDirectory = directory;
      return this;
    }

    /** The exact name of the job. An estimator with one can be fitted once. */
    public Builder jobName(String name) {
      settings.jobName = name;
      return this;
    }

    /** The start of the jobs' names; the image's name by default. */
    public Builder baseJobName(String name) {
      settings.baseName = name;
      return this;
    }

    /** The image; the session's by default. */
    public Builder image(String image) {
      settings.image = image;
      return this;
    }

    /** The role's ARN; the session's by default. */
    public Builder role(String arn) {
      settings.roleArn = arn;
      return this;
    }

    /** Values for the program: text, numbers, booleans, lists and maps. */
    public Builder hyperparameters(Map<String, ?> values) {
      settings.hyperParameters = new LinkedHashMap<>(values);
      return this;
    }

    /** Environment variables of the program. */
    public Builder environment(Map<String, String> variables) {
      settings.environment = Map.copyOf(variables);
      return this;
    }

    /** Regular expressions by metric; the first group of each match in the log is a value. */
    public Builder metricDefinitions(Map<String, String> regexByName) {
      settings.metricDefinitions = new TreeMap<>(regexByName);
      return this;
    }

    /** The kind of machine; ml.m5.large by default. */
    public Builder instanceType(String type) {
      settings.instanceType = type;
      return this;
    }

    /** How many machines; one by default. */
    public Builder instanceCount(int count) {
      settings.instanceCount = count;
      return this;
    }

    /** Where artifacts go, {@code s3://bucket/prefix}; the default bucket by default. */
    public Builder outputPath(String address) {
      settings.outputPath = address;
      return this;
    }

    /** When the platform stops the job; after a day by default. */
    public Builder maxRuntime(Duration duration) {
      settings.maxRuntime = duration;
      return this;
    }

    /** Labels of the job. */
    public Builder tags(Map<String, String> tags) {
      settings.tags = new TreeMap<>(tags);
      return this;
    }

    /** Makes the estimator. Nothing is sent or checked yet. */
    public Estimator build() {
      return new Estimator(
          session == null ? Session.create() : session, new Settings(settings), null);
    }
  }
}
