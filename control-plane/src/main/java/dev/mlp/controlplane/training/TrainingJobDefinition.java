package dev.mlp.controlplane.training;

import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.metrics.MetricDefinition;
import dev.mlp.controlplane.metrics.MetricDefinitions;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.training.contract.Hyperparameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemaker.model.AlgorithmSpecification;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.ResourceConfig;
import software.amazon.awssdk.services.sagemaker.model.S3DataDistribution;
import software.amazon.awssdk.services.sagemaker.model.S3DataSource;
import software.amazon.awssdk.services.sagemaker.model.S3DataType;

/**
 * What a job is to do, in the domain's own types.
 *
 * @param image as the request has it
 * @param entrypoint replaces the image's; empty keeps it
 * @param hyperparameters as text, not decoded
 * @param code the archive of script mode, where the job has one in S3
 * @param volumeBytes what each instance may write; empty for no bound
 * @param maxRuntime counted from the start of training
 * @param environment the user's own variables
 */
public record TrainingJobDefinition(
    String image,
    List<String> entrypoint,
    List<String> arguments,
    Map<String, String> hyperparameters,
    List<Channel> channels,
    Optional<S3Address> code,
    S3Address outputPath,
    String instanceType,
    int instanceCount,
    OptionalLong volumeBytes,
    Duration maxRuntime,
    Map<String, String> environment,
    boolean networkIsolation,
    MetricDefinitions metrics) {
  /** What SageMaker takes where the request does not say. */
  static final Duration DEFAULT_MAX_RUNTIME = Duration.ofDays(1);

  private static final int DEFAULT_INSTANCE_COUNT = 1;

  /**
   * Data that is staged below {@code input/data/<name>}. Modes are the wire's words.
   *
   * @param kind whether the source is a prefix or a manifest
   */
  public record Channel(
      String name,
      S3Address source,
      Input.Kind kind,
      String inputMode,
      String distribution,
      String recordWrapper,
      @Nullable String contentType) {
    /** Each host gets a share of the objects, and not all of them. */
    boolean isSharded() {
      return distribution.equals(S3DataDistribution.SHARDED_BY_S3_KEY.toString());
    }
  }

  public TrainingJobDefinition {
    entrypoint = List.copyOf(entrypoint);
    arguments = List.copyOf(arguments);
    hyperparameters = Map.copyOf(hyperparameters);
    channels = List.copyOf(channels);
    environment = Map.copyOf(environment);
  }

  /**
   * Reads a request.
   *
   * @throws ApiException VALIDATION naming every member that cannot be read
   */
  static TrainingJobDefinition from(CreateTrainingJobRequest request) {
    List<String> problems = new ArrayList<>();
    AlgorithmSpecification algorithm =
        Objects.requireNonNullElse(
            request.algorithmSpecification(), AlgorithmSpecification.builder().build());
    String image = Objects.requireNonNullElse(algorithm.trainingImage(), "");
    if (image.isEmpty()) {
      problems.add("AlgorithmSpecification.TrainingImage: expected the name of an image");
    }
    Optional<S3Address> outputPath =
        address(
            "OutputDataConfig.S3OutputPath",
            request.outputDataConfig() == null ? null : request.outputDataConfig().s3OutputPath(),
            problems);
    ResourceConfig resources =
        Objects.requireNonNullElse(request.resourceConfig(), ResourceConfig.builder().build());
    String instanceType = Objects.requireNonNullElse(resources.instanceTypeAsString(), "");
    if (instanceType.isEmpty()) {
      problems.add("ResourceConfig.InstanceType: expected a type such as ml.m5.large");
    }
    List<Channel> channels = channels(request, algorithm, problems);
    Optional<S3Address> code =
        Hyperparameters.submitDirectory(request.hyperParameters())
            .filter(uri -> uri.startsWith("s3://"))
            .flatMap(uri ->
                address("HyperParameters." + Hyperparameters.SUBMIT_DIRECTORY, uri, problems));
    MetricDefinitions metrics = metrics(algorithm, problems);
    if (!problems.isEmpty()) {
      throw ApiException.validation(String.join("; ", problems));
    }
    return new TrainingJobDefinition(
        image,
        algorithm.containerEntrypoint(),
        algorithm.containerArguments(),
        request.hyperParameters(),
        channels,
        code,
        outputPath.orElseThrow(),
        instanceType,
        Objects.requireNonNullElse(resources.instanceCount(), DEFAULT_INSTANCE_COUNT),
        volumeBytes(resources),
        maxRuntime(request),
        request.environment(),
        Boolean.TRUE.equals(request.enableNetworkIsolation()),
        metrics);
  }

  /** SageMaker's GB are GiB. */
  private static OptionalLong volumeBytes(ResourceConfig resources) {
    return resources.volumeSizeInGB() == null
        ? OptionalLong.empty()
        : OptionalLong.of((long) resources.volumeSizeInGB() << 30);
  }

  private static Duration maxRuntime(CreateTrainingJobRequest request) {
    return request.stoppingCondition() == null
            || request.stoppingCondition().maxRuntimeInSeconds() == null
        ? DEFAULT_MAX_RUNTIME
        : Duration.ofSeconds(request.stoppingCondition().maxRuntimeInSeconds());
  }

  private static List<Channel> channels(
      CreateTrainingJobRequest request, AlgorithmSpecification algorithm, List<String> problems) {
    List<Channel> channels = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (var channel : request.inputDataConfig()) {
      String path = "InputDataConfig." + (channels.size() + 1);
      String name = Objects.requireNonNullElse(channel.channelName(), "");
      if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
        problems.add(path + ".ChannelName '" + name + "': expected a name for a folder");
      } else if (!names.add(name)) {
        problems.add(path + ".ChannelName '" + name + "': another channel has this name");
      }
      S3DataSource source =
          channel.dataSource() == null ? null : channel.dataSource().s3DataSource();
      Optional<S3Address> address =
          address(
              path + ".DataSource.S3DataSource.S3Uri",
              source == null ? null : source.s3Uri(),
              problems);
      channels.add(
          new Channel(
              name,
              address.orElse(new S3Address("none", "")),
              source != null && source.s3DataType() == S3DataType.MANIFEST_FILE
                  ? Input.Kind.MANIFEST
                  : Input.Kind.PREFIX,
              firstOf(channel.inputModeAsString(), algorithm.trainingInputModeAsString(), "File"),
              firstOf(
                  source == null ? null : source.s3DataDistributionTypeAsString(),
                  null,
                  "FullyReplicated"),
              firstOf(channel.recordWrapperTypeAsString(), null, "None"),
              channel.contentType()));
    }
    return channels;
  }

  private static MetricDefinitions metrics(
      AlgorithmSpecification algorithm, List<String> problems) {
    List<MetricDefinition> definitions = new ArrayList<>();
    int number = 1;
    for (var metric : algorithm.metricDefinitions()) {
      String name = Objects.requireNonNullElse(metric.name(), "");
      String regex = Objects.requireNonNullElse(metric.regex(), "");
      try {
        definitions.add(new MetricDefinition(name, Pattern.compile(regex)));
      } catch (PatternSyntaxException e) {
        problems.add(
            "AlgorithmSpecification.MetricDefinitions.%d.Regex '%s' of metric '%s': %s at index %d"
                .formatted(number, regex, name, e.getDescription(), e.getIndex()));
      }
      number++;
    }
    return new MetricDefinitions(definitions);
  }

  private static Optional<S3Address> address(
      String path, @Nullable String uri, List<String> problems) {
    try {
      return Optional.of(S3Address.parse(Objects.requireNonNullElse(uri, "")));
    } catch (IllegalArgumentException e) {
      problems.add(path + " " + e.getMessage());
      return Optional.empty();
    }
  }

  private static String firstOf(@Nullable String first, @Nullable String second, String otherwise) {
    return first != null ? first : second != null ? second : otherwise;
  }
}
