package dev.mlp.sdk;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * A connection to a platform: clients, the account's bucket, and the defaults for roles and images.
 * Safe for use by several threads.
 *
 * <pre>{@code
 * try (Session session = Session.create()) {
 *   Predictor predictor = Estimator.builder()
 *       .session(session)
 *       .entryPoint(Path.of("train.jar"))
 *       .build()
 *       .fit(Map.of("train", "data/train.csv"))
 *       .deploy(1, "ml.m5.large");
 *   JsonNode answer = predictor.predict(Map.of("instances", List.of(Map.of("Age", 22.0))));
 *   predictor.deleteEndpoint();
 * }
 * }</pre>
 *
 * <p>Everything that is not set on the {@link Builder} comes from the environment: {@code
 * AWS_ENDPOINT_URL} (and {@code AWS_ENDPOINT_URL_<SERVICE>}), {@code AWS_REGION}, {@code
 * AWS_DEFAULT_REGION}, the usual credentials, and {@code MLP_ROLE_ARN}, {@code MLP_TRAINING_IMAGE},
 * {@code MLP_INFERENCE_IMAGE}. A client is made when it is first used.
 */
public final class Session implements AutoCloseable {
  private final SessionSettings settings;
  private final AwsClients clients;
  private final UniqueName names;
  private final Pacing pacing;
  private final Object bucketLock = new Object();
  private @Nullable String bucket;

  private Session(SessionSettings settings, Clock clock, Pacing.Sleeper sleeper) {
    this.settings = settings;
    this.clients = new AwsClients(settings);
    this.names = new UniqueName(clock);
    this.pacing =
        new Pacing(
            clock, sleeper, settings.overridesEndpoint() ? Pacing.LONGEST_LOCALLY : Pacing.LONGEST);
  }

  /** A session by the environment alone. */
  public static Session create() {
    return builder().build();
  }

  /** A session with settings of its own. */
  public static Builder builder() {
    return new Builder();
  }

  /** The region that requests are signed for. */
  public Region region() {
    return settings.region();
  }

  /** The role that jobs and models get unless they name their own. */
  public Optional<String> roleArn() {
    return settings.roleArn();
  }

  /** The image that jobs get unless they name their own. */
  public Optional<String> trainingImage() {
    return settings.trainingImage();
  }

  /** The image that models get unless they name their own. */
  public Optional<String> inferenceImage() {
    return settings.inferenceImage();
  }

  /** The client of jobs, models and endpoints. */
  public SageMakerClient sageMaker() {
    return clients.sageMaker();
  }

  /** The client of invocations. */
  public SageMakerRuntimeClient runtime() {
    return clients.runtime();
  }

  /** The client of logs. */
  public CloudWatchLogsClient logs() {
    return clients.logs();
  }

  /** The client of metrics. */
  public CloudWatchClient metrics() {
    return clients.metrics();
  }

  /** The client of object storage. */
  public S3Client s3() {
    return clients.s3();
  }

  /** The client of identities. */
  public StsClient sts() {
    return clients.sts();
  }

  /**
   * The bucket for what is uploaded without an address: {@code sagemaker-<region>-<account>}, as
   * every SageMaker SDK names it. Made when it is missing.
   */
  public String defaultBucket() {
    synchronized (bucketLock) {
      if (bucket == null) {
        String name =
            settings
                .defaultBucket()
                .orElseGet(
                    () -> "sagemaker-" + region().id() + "-" + sts().getCallerIdentity().account());
        createWhereMissing(name);
        bucket = name;
      }
      return bucket;
    }
  }

  /**
   * Uploads a file or a folder to {@code keyPrefix} in the default bucket.
   *
   * @return the address of the file, {@code <prefix>/<name>}, or of the folder, {@code <prefix>}
   */
  public S3Uri uploadData(Path path, String keyPrefix) {
    return uploadData(path, keyPrefix, TransferListener.SILENT);
  }

  /** Like {@link #uploadData(Path, String)}; the listener hears how it gets on. */
  public S3Uri uploadData(Path path, String keyPrefix, TransferListener listener) {
    return uploadData(path, new S3Uri(defaultBucket(), keyPrefix), listener);
  }

  /** Uploads a file or a folder below {@code target} of any bucket. */
  public S3Uri uploadData(Path path, S3Uri target, TransferListener listener) {
    if (Files.isRegularFile(path)) {
      S3Uri file = target.resolve(String.valueOf(path.getFileName()));
      upload(path.toString(), Map.of(file, path), listener);
      return file;
    }
    upload(path.toString(), filesBelow(path, target), listener);
    return target;
  }

  @Override
  public void close() {
    clients.close();
  }

  void upload(String name, Map<S3Uri, Path> files, TransferListener listener) {
    new Uploader(s3()).upload(name, files, listener);
  }

  static Map<S3Uri, Path> filesBelow(Path folder, S3Uri target) {
    Map<S3Uri, Path> files = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : LocalData.filesOf(folder).entrySet()) {
      files.put(target.resolve(file.getKey()), file.getValue());
    }
    return files;
  }

  UniqueName names() {
    return names;
  }

  Pacing pacing() {
    return pacing;
  }

  /**
   * How long log lines may still come in after a job has ended. On AWS they travel through another
   * service.
   */
  Duration logDelay() {
    return settings.overridesEndpoint() ? Duration.ZERO : Duration.ofSeconds(10);
  }

  private void createWhereMissing(String name) {
    try {
      s3().headBucket(request -> request.bucket(name));
    } catch (S3Exception e) {
      if (e.statusCode() != 404) {
        throw e;
      }
      createBucket(name);
    }
  }

  private void createBucket(String name) {
    try {
      s3().createBucket(request -> {
        request.bucket(name);
        // us-east-1 is the one region that must not be named.
        if (!region().equals(Region.US_EAST_1)) {
          request.createBucketConfiguration(c -> c.locationConstraint(region().id()));
        }
      });
    } catch (AwsServiceException e) {
      // Somebody else of this account was quicker: what we wanted is there.
      if (!"BucketAlreadyOwnedByYou".equals(e.awsErrorDetails().errorCode())) {
        throw e;
      }
    }
  }

  /** Settings of a session; each one is optional. */
  public static final class Builder {
    private @Nullable URI endpoint;
    private @Nullable Region region;
    private @Nullable AwsCredentialsProvider credentials;
    private @Nullable String roleArn;
    private @Nullable String trainingImage;
    private @Nullable String inferenceImage;
    private @Nullable String defaultBucket;
    private Map<String, String> environment = System.getenv();
    private Clock clock = Clock.systemUTC();
    private Pacing.Sleeper sleeper = Thread::sleep;

    private Builder() {}

    /** The one URL of every service; S3 is then addressed by path. */
    public Builder endpointOverride(URI url) {
      this.endpoint = url;
      return this;
    }

    /** The region. */
    public Builder region(Region region) {
      this.region = region;
      return this;
    }

    /** The credentials. */
    public Builder credentials(AwsCredentialsProvider credentials) {
      this.credentials = credentials;
      return this;
    }

    /** The role that jobs and models run as. */
    public Builder roleArn(String arn) {
      this.roleArn = arn;
      return this;
    }

    /** The image for jobs that name none. */
    public Builder trainingImage(String image) {
      this.trainingImage = image;
      return this;
    }

    /** The image for models that name none. */
    public Builder inferenceImage(String image) {
      this.inferenceImage = image;
      return this;
    }

    /** A bucket of your own instead of {@code sagemaker-<region>-<account>}. */
    public Builder defaultBucket(String bucket) {
      this.defaultBucket = bucket;
      return this;
    }

    /** Reads defaults from here instead of the process's environment. */
    public Builder environment(Map<String, String> variables) {
      this.environment = new TreeMap<>(variables);
      return this;
    }

    Builder clock(Clock clock, Pacing.Sleeper sleeper) {
      this.clock = clock;
      this.sleeper = sleeper;
      return this;
    }

    /** Makes the session. Nothing is sent yet. */
    public Session build() {
      return new Session(
          SessionSettings.resolve(
              environment,
              endpoint,
              region,
              credentials,
              roleArn,
              trainingImage,
              inferenceImage,
              defaultBucket),
          clock,
          sleeper);
    }
  }
}
