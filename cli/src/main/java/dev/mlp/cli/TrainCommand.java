package dev.mlp.cli;

import dev.mlp.sdk.Estimator;
import dev.mlp.sdk.InvalidRequestException;
import dev.mlp.sdk.LogLine;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import dev.mlp.sdk.TrainingListener;
import dev.mlp.sdk.TrainingPlan;
import dev.mlp.sdk.TransferListener.Transfer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** {@code mlp train}. */
@CommandLine.Command(
    name = "train",
    sortOptions = false,
    description = {
      "Runs a training job and follows its log. The exit code is the job's result: 0 when it completed.",
      "Ctrl-C leaves the job running."
    },
    footer = {
      "",
      "Examples:",
      "  mlp train --entry train.py --channel train=./data --hyperparameter epochs=3",
      "  mlp train --entry train.jar --channel train=s3://bucket/prefix --metric 'auc=auc=([0-9.]+);'",
      "  mlp train -f job.yaml --detach",
      "",
      "job.yaml is a CreateTrainingJob request. S3Uri may be a path, which is uploaded; what is left out",
      "(name, role, image, output, resources) gets a default:",
      "  TrainingJobName: titanic-1",
      "  HyperParameters: {sagemaker_program: train.py, sagemaker_submit_directory: ./src}",
      "  InputDataConfig:",
      "  - ChannelName: train",
      "    DataSource: {S3DataSource: {S3DataType: S3Prefix, S3Uri: ./data/train.csv}}"
    })
final class TrainCommand extends Command {
  private static final List<String> PROGRAMS = List.of(".jar", ".py", ".sh");

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A CreateTrainingJob request in YAML or JSON; - is standard input.")
  @Nullable String file;

  @Option(names = "--entry", paramLabel = "FILE", description = "The program: a .jar, .py or .sh.")
  @Nullable Path entry;

  @Option(
      names = "--source-dir",
      paramLabel = "DIR",
      description = "A folder to send along, with the program in it.")
  @Nullable Path sourceDirectory;

  @Option(
      names = "--name",
      paramLabel = "JOB",
      description = "The job's name; one is made up by default.")
  @Nullable String name;

  @Option(
      names = "--channel",
      paramLabel = "NAME=PATH|S3",
      description = "Input data: a file, a folder or an s3:// address.")
  List<String> channels = new ArrayList<>();

  @Option(names = "--hyperparameter", paramLabel = "K=V", description = "A value for the program.")
  List<String> hyperParameters = new ArrayList<>();

  @Option(
      names = "--env",
      paramLabel = "K=V",
      description = "An environment variable of the program.")
  List<String> environment = new ArrayList<>();

  @Option(
      names = "--metric",
      paramLabel = "NAME=REGEX",
      description = "A metric in the log; the first group is its value.")
  List<String> metrics = new ArrayList<>();

  @Option(
      names = "--instance-type",
      paramLabel = "TYPE",
      description = "The kind of machine; ml.m5.large by default.")
  @Nullable String instanceType;

  @Option(
      names = "--instance-count",
      paramLabel = "N",
      description = "How many machines; 1 by default.")
  @Nullable Integer instanceCount;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "The training image; the server's own by default.")
  @Nullable String image;

  @Option(
      names = "--output-path",
      paramLabel = "S3",
      description = "Where artifacts go; the account's bucket by default.")
  @Nullable String outputPath;

  @Option(
      names = "--max-runtime",
      paramLabel = "TIME",
      description = "When the job is stopped: 90s, 30m, 2h or 1d (default).")
  @Nullable String maxRuntime;

  @Option(names = "--tag", paramLabel = "K=V", description = "A label of the job.")
  List<String> tags = new ArrayList<>();

  @Option(names = "--detach", description = "Do not wait for the job.")
  boolean detach;

  TrainCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    try (Session session = connect();
        Progress progress = new Progress(context)) {
      TrainingPlan plan = plan(session);
      Listener listener = new Listener(progress, json() ? context.err() : context.out());
      TrainingJob job;
      DescribeTrainingJobResponse end;
      try (Interrupt _ = Interrupt.runs(() -> leave(listener))) {
        job = plan.submit(listener);
        if (detach) {
          return detached(job);
        }
        end = job.await(listener);
      }
      progress.done();
      return report(end);
    }
  }

  private TrainingPlan plan(Session session) {
    if (file != null) {
      if (entry != null || name != null || !channels.isEmpty() || !hyperParameters.isEmpty()) {
        throw new InvalidRequestException(
            "-f says it all: leave out --entry, --name, --channel and the like");
      }
      TrainingFile read = TrainingFile.read(file);
      return TrainingPlan.of(session, read.request(), read.folder(), read.baseName());
    }
    if (entry == null && image == null) {
      throw new InvalidRequestException("what to train? --entry FILE, -f FILE or --image IMAGE");
    }
    if (entry != null && image == null) {
      checkProgram(entry);
    }
    Estimator.Builder estimator =
        Estimator.builder()
            .session(session)
            .hyperparameters(
                typed(
                    KeyValues.read(
                        "--hyperparameter", "NAME=VALUE", "hyperparameter", hyperParameters)))
            .environment(KeyValues.read("--env", "NAME=VALUE", "environment variable", environment))
            .metricDefinitions(KeyValues.read("--metric", "NAME=REGEX", "metric", metrics))
            .tags(KeyValues.read("--tag", "KEY=VALUE", "tag", tags));
    Optional.ofNullable(entry).ifPresent(estimator::entryPoint);
    Optional.ofNullable(sourceDirectory).ifPresent(estimator::sourceDir);
    Optional.ofNullable(name).ifPresent(estimator::jobName);
    Optional.ofNullable(instanceType).ifPresent(estimator::instanceType);
    Optional.ofNullable(instanceCount).ifPresent(estimator::instanceCount);
    Optional.ofNullable(image).ifPresent(estimator::image);
    Optional.ofNullable(outputPath).ifPresent(estimator::outputPath);
    Optional.ofNullable(maxRuntime).map(TrainCommand::duration).ifPresent(estimator::maxRuntime);
    Optional.ofNullable(entry).map(TrainCommand::baseName).ifPresent(estimator::baseJobName);
    return estimator
        .build()
        .plan(KeyValues.read("--channel", "NAME=PATH or NAME=s3://…", "channel", channels));
  }

  /** An image of the user's own may start other programs; the server's starts these. */
  private static void checkProgram(Path entry) {
    String fileName = String.valueOf(entry.getFileName()).toLowerCase(Locale.ROOT);
    if (PROGRAMS.stream().noneMatch(fileName::endsWith)) {
      throw new InvalidRequestException("--entry takes a .jar, .py or .sh file, not " + entry);
    }
  }

  private int detached(TrainingJob job) {
    if (json()) {
      printJson(Wire.tree(job.describe()));
    } else {
      context.out().println(job.name());
      note("follow it: mlp jobs logs --follow " + job.name());
      note("stop it:   mlp jobs stop " + job.name());
    }
    return 0;
  }

  private int report(DescribeTrainingJobResponse job) {
    boolean completed = job.trainingJobStatus() == TrainingJobStatus.COMPLETED;
    if (json()) {
      printJson(Wire.tree(job));
    } else {
      if (job.hasFinalMetricDataList()) {
        Table metricTable = new Table("METRIC", "VALUE");
        job.finalMetricDataList()
            .forEach(m -> metricTable.row(m.metricName(), String.valueOf(m.value())));
        print(metricTable);
      }
      context
          .out()
          .println(
              job.trainingJobName()
                  + " is "
                  + context.terminal().status(job.trainingJobStatusAsString()));
      if (completed && job.modelArtifacts() != null) {
        context.out().println("model: " + job.modelArtifacts().s3ModelArtifacts());
      }
    }
    if (completed) {
      return 0;
    }
    String reason = Optional.ofNullable(job.failureReason()).orElse(job.secondaryStatusAsString());
    note(
        "mlp: training job "
            + job.trainingJobName()
            + " ended in "
            + job.trainingJobStatusAsString()
            + ": "
            + String.join(
                " | ", reason.lines().map(String::strip).filter(l -> !l.isEmpty()).toList())
            + "; its log: mlp jobs logs "
            + job.trainingJobName());
    return ErrorText.FAILED;
  }

  private void leave(Listener listener) {
    String job = listener.job;
    note("");
    if (job == null) {
      note("mlp: interrupted before the job was created");
    } else {
      note("mlp: the job goes on without you");
      note("  follow it: mlp jobs logs --follow " + job);
      note("  stop it:   mlp jobs stop " + job);
    }
  }

  /** Numbers and booleans stay what they are in the script's eyes; everything else is text. */
  static Map<String, Object> typed(Map<String, String> values) {
    Map<String, Object> typed = new LinkedHashMap<>();
    values.forEach((key, text) -> typed.put(key, typed(text)));
    return typed;
  }

  private static Object typed(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    if (text.matches("-?(0|[1-9]\\d{0,17})")) {
      return Long.valueOf(text);
    }
    return text.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?")
        ? (Object) Double.valueOf(text)
        : text;
  }

  /** {@code 90s}, {@code 30m}, {@code 2h}, {@code 1d}; seconds without a unit. */
  static Duration duration(String text) {
    if (text.matches("\\d{1,9}[smhd]?")) {
      char unit = text.charAt(text.length() - 1);
      long number =
          Long.parseLong(Character.isDigit(unit) ? text : text.substring(0, text.length() - 1));
      return switch (unit) {
        case 'm' -> Duration.ofMinutes(number);
        case 'h' -> Duration.ofHours(number);
        case 'd' -> Duration.ofDays(number);
        default -> Duration.ofSeconds(number);
      };
    }
    throw new InvalidRequestException(
        "--max-runtime is a time like 90s, 30m, 2h or 1d, not " + text);
  }

  private static String baseName(Path entry) {
    String fileName = String.valueOf(entry.getFileName());
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }

  /** Log lines are results; statuses and uploads are progress. */
  private final class Listener implements TrainingListener {
    private final Progress progress;
    private final PrintStream log;
    private final Set<String> streams = new HashSet<>();
    private volatile @Nullable String job;

    Listener(Progress progress, PrintStream log) {
      this.progress = progress;
      this.log = log;
    }

    @Override
    public void uploading(Transfer transfer) {
      progress.uploading(transfer);
    }

    @Override
    public void submitted(String jobName) {
      job = jobName;
      if (!detach) {
        progress.aside(context.err(), "training job " + jobName);
      }
    }

    @Override
    public void status(String status, String message) {
      progress.now(message.isEmpty() ? status : status + " - " + message);
    }

    @Override
    public void log(LogLine line) {
      streams.add(line.stream());
      progress.aside(log, LogOutput.prefix(line.stream(), streams.size() > 1) + line.message());
    }
  }
}
