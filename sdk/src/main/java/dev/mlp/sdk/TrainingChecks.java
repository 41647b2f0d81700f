package dev.mlp.sdk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.MetricDefinition;
import software.amazon.awssdk.services.sagemaker.model.ResourceConfig;
import software.amazon.awssdk.services.sagemaker.model.Tag;

/**
 * What SageMaker would refuse about a training job, found before a byte is uploaded. The limits are
 * the service model's.
 */
final class TrainingChecks {
  static final Duration LONGEST_RUN = Duration.ofDays(28);

  private static final Pattern ROLE =
      Pattern.compile("arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+");
  private static final Pattern CHANNEL = Pattern.compile("[A-Za-z0-9.\\-_]{1,64}");
  private static final Pattern VARIABLE = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  /** The server's own types may be words, such as {@code local}. */
  private static final Pattern INSTANCE_TYPE =
      Pattern.compile("ml\\.[a-z0-9-]+\\.[a-z0-9-]+|[a-z][a-z0-9-]*");

  private static final Pattern NO_SPACE = Pattern.compile("\\S{1,255}");

  private final List<String> problems = new ArrayList<>();

  private TrainingChecks() {}

  /**
   * Every problem, as a sentence; empty when there is none. Addresses of data may still be local
   * paths.
   */
  static List<String> problems(CreateTrainingJobRequest request) {
    TrainingChecks checks = new TrainingChecks();
    checks.identity(request);
    checks.settings(request);
    checks.channels(request.inputDataConfig());
    checks.resources(request.resourceConfig());
    checks.metrics(request);
    checks.tags(request.tags());
    return checks.problems;
  }

  private void identity(CreateTrainingJobRequest request) {
    String name = request.trainingJobName();
    if (name == null || !UniqueName.isValid(name)) {
      add(
          "the job name %s must be 1 to 63 letters, digits and hyphens, a letter or digit at both ends"
              .formatted(quote(name)));
    }
    if (request.roleArn() == null) {
      add("there is no role: set MLP_ROLE_ARN or name one");
    } else if (!ROLE.matcher(request.roleArn()).matches()) {
      add(
          "the role %s is not an ARN like arn:aws:iam::123456789012:role/name"
              .formatted(quote(request.roleArn())));
    }
    String image =
        request.algorithmSpecification() == null
            ? null
            : request.algorithmSpecification().trainingImage();
    String algorithm =
        request.algorithmSpecification() == null
            ? null
            : request.algorithmSpecification().algorithmName();
    if (image == null && algorithm == null) {
      add("there is no training image: set MLP_TRAINING_IMAGE or name one");
    } else if (image != null && !NO_SPACE.matcher(image).matches()) {
      add("the image %s must be 1 to 255 characters without spaces".formatted(quote(image)));
    }
    String output =
        request.outputDataConfig() == null ? null : request.outputDataConfig().s3OutputPath();
    if (output != null && !S3Uri.isS3(output) && !output.startsWith("https://")) {
      add("the output path %s must be an S3 address (s3://bucket/prefix)".formatted(quote(output)));
    }
  }

  private void settings(CreateTrainingJobRequest request) {
    Map<String, String> hyperParameters = request.hyperParameters();
    atMost("hyperparameters", hyperParameters.size(), 100);
    hyperParameters.forEach((key, value) -> {
      if (key.isEmpty() || key.length() > 256) {
        add("the hyperparameter name %s must be 1 to 256 characters".formatted(quote(key)));
      }
      if (value.length() > 2500) {
        add(
            "the hyperparameter %s has %s characters of at most 2500"
                .formatted(key, value.length()));
      }
    });
    atMost("environment variables", request.environment().size(), 100);
    request
        .environment()
        .forEach((key, value) -> {
          if (key.length() > 512 || !VARIABLE.matcher(key).matches()) {
            add(
                "the environment variable name %s must be letters, digits and underscores, no digit first"
                    .formatted(quote(key)));
          }
          if (value.length() > 512) {
            add(
                "the environment variable %s has %s characters of at most 512"
                    .formatted(key, value.length()));
          }
        });
    Integer seconds =
        request.stoppingCondition() == null
            ? null
            : request.stoppingCondition().maxRuntimeInSeconds();
    if (seconds != null && (seconds < 1 || seconds > LONGEST_RUN.toSeconds())) {
      add(
          "the longest run time must be between 1 second and 28 days, not %s seconds"
              .formatted(seconds));
    }
  }

  private void channels(List<Channel> channels) {
    atMost("channels", channels.size(), 20);
    Set<String> names = new HashSet<>();
    for (Channel channel : channels) {
      String name = channel.channelName();
      if (name == null || !CHANNEL.matcher(name).matches()) {
        add(
            "the channel name %s must be 1 to 64 letters, digits, dots, hyphens and underscores"
                .formatted(quote(name)));
      } else if (!names.add(name)) {
        add("the channel %s is there twice".formatted(name));
      }
      if (channel.dataSource() == null) {
        add("the channel %s has no data source".formatted(quote(name)));
      }
    }
  }

  private void resources(@Nullable ResourceConfig resources) {
    if (resources == null) {
      return;
    }
    String type = resources.instanceTypeAsString();
    if (type != null && !INSTANCE_TYPE.matcher(type).matches()) {
      add(
          "the instance type %s must be one like ml.m5.large, or a word such as local"
              .formatted(quote(type)));
    }
    Integer count = resources.instanceCount();
    if (count != null && count < 1) {
      add("the number of instances must be at least 1, not %s".formatted(count));
    }
    Integer volume = resources.volumeSizeInGB();
    if (volume != null && volume < 0) {
      add("the volume must not be negative: %s GB".formatted(volume));
    }
  }

  private void metrics(CreateTrainingJobRequest request) {
    if (request.algorithmSpecification() == null) {
      return;
    }
    List<MetricDefinition> metrics = request.algorithmSpecification().metricDefinitions();
    atMost("metric definitions", metrics.size(), 40);
    for (MetricDefinition metric : metrics) {
      String regex = metric.regex();
      if (metric.name() == null || metric.name().isEmpty() || metric.name().length() > 255) {
        add("the metric name %s must be 1 to 255 characters".formatted(quote(metric.name())));
      }
      if (regex == null || regex.isEmpty() || regex.length() > 500) {
        add("the regex of metric %s must be 1 to 500 characters".formatted(quote(metric.name())));
        continue;
      }
      try {
        Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        add(
            "the regex of metric %s does not compile: %s"
                .formatted(quote(metric.name()), e.getDescription()));
      }
    }
  }

  private void tags(List<Tag> tags) {
    atMost("tags", tags.size(), 50);
    for (Tag tag : tags) {
      if (tag.key() == null || tag.key().isEmpty() || tag.key().length() > 128) {
        add("the tag name %s must be 1 to 128 characters".formatted(quote(tag.key())));
      }
      if (tag.value() == null || tag.value().length() > 256) {
        add("the tag %s needs a value of at most 256 characters".formatted(quote(tag.key())));
      }
    }
  }

  private void atMost(String what, int count, int limit) {
    if (count > limit) {
      add("%s %s are more than the %s that a job may have".formatted(count, what, limit));
    }
  }

  private void add(String problem) {
    problems.add(problem);
  }

  private static String quote(@Nullable String value) {
    return value == null ? "(none)" : "'" + value + "'";
  }
}
