package dev.mlp.sdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.sagemaker.model.AlgorithmSpecification;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.OutputDataConfig;
import software.amazon.awssdk.services.sagemaker.model.ResourceConfig;
import software.amazon.awssdk.services.sagemaker.model.ResourceInUseException;
import software.amazon.awssdk.services.sagemaker.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sagemaker.model.S3DataSource;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;
import software.amazon.awssdk.services.sagemaker.model.StoppingCondition;
import software.amazon.awssdk.services.sagemaker.model.TrainingInputMode;

/**
 * A training job about to be created: the request with every default filled in and every local path
 * replaced by the address it will be uploaded to, and the uploads. Making one checks everything and
 * uploads nothing.
 */
public final class TrainingPlan {
  static final String DEFAULT_INSTANCE_TYPE = "ml.m5.large";
  static final Duration DEFAULT_MAX_RUNTIME = Duration.ofDays(1);
  private static final int DEFAULT_VOLUME_GB = 30;

  private final Session session;
  private final boolean isNameGiven;
  private final CreateTrainingJobRequest request;
  private final List<ChannelUpload> channels;
  private final Optional<CodeUpload> code;

  private TrainingPlan(
      Session session,
      boolean isNameGiven,
      CreateTrainingJobRequest request,
      List<ChannelUpload> channels,
      Optional<CodeUpload> code) {
    this.session = session;
    this.isNameGiven = isNameGiven;
    this.request = request;
    this.channels = List.copyOf(channels);
    this.code = code;
  }

  private record ChannelUpload(String channel, Map<S3Uri, Path> files) {}

  private record CodeUpload(S3Uri target, Packing packing) {}

  @FunctionalInterface
  private interface Packing {
    void pack(Path target);
  }

  /**
   * Plans a request as a user writes it: missing names, roles, images, resources and limits take
   * the session's defaults; a channel's {@code S3Uri} and the hyperparameter {@code
   * sagemaker_submit_directory} may be paths on this machine.
   *
   * @param folder what relative paths are relative to, before the current folder
   * @param baseName the start of the job's name where the request has none
   * @throws InvalidRequestException with every problem
   */
  public static TrainingPlan of(
      Session session, CreateTrainingJobRequest request, Path folder, String baseName) {
    return of(session, request, folder, baseName, Optional.empty());
  }

  static TrainingPlan of(
      Session session,
      CreateTrainingJobRequest written,
      Path folder,
      String baseName,
      Optional<SourceCode> source) {
    CreateTrainingJobRequest request = withDefaults(session, written, baseName);
    List<String> problems = new ArrayList<>(TrainingChecks.problems(request));
    Map<String, Path> localChannels = localChannels(request, folder, problems);
    Optional<Path> localCode = localCode(request, folder, problems);
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(problems);
    }
    boolean isNameGiven = written.trainingJobName() != null;
    return locate(session, isNameGiven, request, localChannels, localCode, source);
  }

  /** The job's name. */
  public String jobName() {
    return request.trainingJobName();
  }

  /** The request as it will be sent. */
  public CreateTrainingJobRequest request() {
    return request;
  }

  /**
   * Uploads what is local, then creates the job.
   *
   * @throws ResourceInUseException if a job of this name exists; nothing was uploaded then
   */
  public TrainingJob submit(TrainingListener listener) {
    // The uploads lie below the job's name: those of the job that has it would be overwritten.
    if (isNameGiven && (code.isPresent() || !channels.isEmpty())) {
      refuseNameInUse();
    }
    code.ifPresent(upload -> uploadCode(upload, listener));
    for (ChannelUpload channel : channels) {
      session.upload(channel.channel(), channel.files(), listener::uploading);
    }
    session.sageMaker().createTrainingJob(request);
    listener.submitted(jobName());
    return TrainingJob.attach(session, jobName());
  }

  private void refuseNameInUse() {
    String arn;
    try {
      arn = TrainingJob.attach(session, jobName()).describe().trainingJobArn();
    } catch (SageMakerException e) {
      if (isNotFound(e)) {
        return;
      }
      throw e;
    }
    String message =
        "Training job names must be unique within an AWS account and region, and a training job"
            + " with this name already exists ("
            + Optional.ofNullable(arn).orElse(jobName())
            + ")";
    throw ResourceInUseException.builder()
        .message(message)
        .statusCode(400)
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .serviceName("SageMaker")
                .errorCode("ResourceInUse")
                .errorMessage(message)
                .build())
        .build();
  }

  /** AWS answers a name it does not know with ValidationException. */
  private static boolean isNotFound(SageMakerException e) {
    return e instanceof ResourceNotFoundException
        || (e.awsErrorDetails() != null
            && "ValidationException".equals(e.awsErrorDetails().errorCode()));
  }

  private void uploadCode(CodeUpload upload, TrainingListener listener) {
    try {
      Path archive = Files.createTempFile("sourcedir", ".tar.gz");
      try {
        upload.packing().pack(archive);
        session.upload("code", Map.of(upload.target(), archive), listener::uploading);
      } finally {
        Files.delete(archive);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot pack the code: " + e.getMessage(), e);
    }
  }

  private static CreateTrainingJobRequest withDefaults(
      Session session, CreateTrainingJobRequest request, String baseName) {
    CreateTrainingJobRequest.Builder filled = request.toBuilder();
    if (request.trainingJobName() == null) {
      filled.trainingJobName(session.names().from(baseName));
    }
    if (request.roleArn() == null) {
      session.roleArn().ifPresent(filled::roleArn);
    }
    AlgorithmSpecification algorithm =
        Optional.ofNullable(request.algorithmSpecification())
            .orElseGet(() -> AlgorithmSpecification.builder().build());
    AlgorithmSpecification.Builder algorithmFilled = algorithm.toBuilder();
    if (algorithm.trainingImage() == null && algorithm.algorithmName() == null) {
      session.trainingImage().ifPresent(algorithmFilled::trainingImage);
    }
    if (algorithm.trainingInputModeAsString() == null) {
      algorithmFilled.trainingInputMode(TrainingInputMode.FILE);
    }
    filled.algorithmSpecification(algorithmFilled.build());
    if (request.resourceConfig() == null) {
      filled.resourceConfig(ResourceConfig.builder().build());
    }
    filled.resourceConfig(resources(filled.build().resourceConfig()));
    if (request.stoppingCondition() == null) {
      filled.stoppingCondition(
          StoppingCondition.builder()
              .maxRuntimeInSeconds((int) DEFAULT_MAX_RUNTIME.toSeconds())
              .build());
    }
    return filled.build();
  }

  private static ResourceConfig resources(ResourceConfig resources) {
    ResourceConfig.Builder filled = resources.toBuilder();
    if (!resources.hasInstanceGroups()) {
      if (resources.instanceTypeAsString() == null) {
        filled.instanceType(DEFAULT_INSTANCE_TYPE);
      }
      if (resources.instanceCount() == null) {
        filled.instanceCount(1);
      }
    }
    if (resources.volumeSizeInGB() == null) {
      filled.volumeSizeInGB(DEFAULT_VOLUME_GB);
    }
    return filled.build();
  }

  private static Map<String, Path> localChannels(
      CreateTrainingJobRequest request, Path folder, List<String> problems) {
    Map<String, Path> local = new TreeMap<>();
    for (Channel channel : request.inputDataConfig()) {
      S3DataSource source =
          channel.dataSource() == null ? null : channel.dataSource().s3DataSource();
      String name = channel.channelName();
      if (source == null || name == null) {
        continue;
      }
      String uri = source.s3Uri();
      if (uri == null || uri.isBlank()) {
        problems.add("the channel " + name + " has no address");
      } else if (isLocal(uri)) {
        try {
          Path path = find(uri, folder);
          LocalData.filesOf(path);
          local.put(name, path);
        } catch (InvalidRequestException e) {
          problems.add("channel " + name + ": " + e.getMessage());
        }
      }
    }
    return local;
  }

  private static Optional<Path> localCode(
      CreateTrainingJobRequest request, Path folder, List<String> problems) {
    String written = request.hyperParameters().get(HyperParameters.SUBMIT_DIRECTORY);
    if (written == null) {
      return Optional.empty();
    }
    String location =
        written.startsWith("\"") ? written.substring(1, written.length() - 1) : written;
    if (!isLocal(location)) {
      return Optional.empty();
    }
    Path path = find(location, folder);
    if (!Files.isDirectory(path)) {
      problems.add(HyperParameters.SUBMIT_DIRECTORY + " is not a folder: " + location);
    }
    return Optional.of(path);
  }

  /**
   * Paths in a file are meant from where the file is; many people still write them from where they
   * stand.
   */
  private static Path find(String path, Path folder) {
    Path beside = folder.resolve(path);
    return Files.exists(beside) ? beside : Path.of(path);
  }

  private static boolean isLocal(String uri) {
    return !S3Uri.isS3(uri) && !uri.startsWith("https://");
  }

  /**
   * From here on the account's bucket is needed, so this is the first step that asks the platform.
   */
  private static TrainingPlan locate(
      Session session,
      boolean isNameGiven,
      CreateTrainingJobRequest request,
      Map<String, Path> localChannels,
      Optional<Path> localCode,
      Optional<SourceCode> source) {
    String job = request.trainingJobName();
    CreateTrainingJobRequest.Builder located = request.toBuilder();
    Map<String, String> hyperParameters = new TreeMap<>(request.hyperParameters());
    Optional<CodeUpload> code = Optional.empty();
    if (source.isPresent() || localCode.isPresent()) {
      S3Uri archive = new S3Uri(session.defaultBucket(), job + "/source/sourcedir.tar.gz");
      if (source.isPresent()) {
        hyperParameters.putAll(
            HyperParameters.script(
                new HyperParameters.Script(
                    archive, source.get().program(), job, session.region().id())));
        code = Optional.of(new CodeUpload(archive, source.get()::pack));
      } else {
        Path directory = localCode.orElseThrow();
        hyperParameters.put(HyperParameters.SUBMIT_DIRECTORY, PythonJson.dumps(archive.toString()));
        code = Optional.of(new CodeUpload(archive, target -> SourceCode.pack(directory, target)));
      }
    }
    if (!hyperParameters.isEmpty()) {
      located.hyperParameters(hyperParameters);
    }
    List<ChannelUpload> uploads = new ArrayList<>();
    if (request.hasInputDataConfig()) {
      located.inputDataConfig(
          request.inputDataConfig().stream()
              .map(channel -> locate(session, job, channel, localChannels, uploads))
              .toList());
    }
    if (request.outputDataConfig() == null || request.outputDataConfig().s3OutputPath() == null) {
      OutputDataConfig.Builder output =
          request.outputDataConfig() == null
              ? OutputDataConfig.builder()
              : request.outputDataConfig().toBuilder();
      located.outputDataConfig(
          output.s3OutputPath(new S3Uri(session.defaultBucket(), "").toString()).build());
    }
    CreateTrainingJobRequest complete = located.build();
    List<String> problems = TrainingChecks.problems(complete);
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(problems);
    }
    return new TrainingPlan(session, isNameGiven, complete, uploads, code);
  }

  private static Channel locate(
      Session session,
      String job,
      Channel channel,
      Map<String, Path> localChannels,
      List<ChannelUpload> uploads) {
    Path path = localChannels.get(channel.channelName());
    if (path == null) {
      return channel;
    }
    // Ends in a slash: as a bare prefix, "…/input/train" would also match what is below
    // "…/input/train2".
    S3Uri target =
        new S3Uri(session.defaultBucket(), job + "/input/" + channel.channelName() + "/");
    uploads.add(new ChannelUpload(channel.channelName(), Session.filesBelow(path, target)));
    return channel.toBuilder()
        .dataSource(d ->
            d.s3DataSource(
                channel.dataSource().s3DataSource().toBuilder().s3Uri(target.toString()).build()))
        .build();
  }
}
