package dev.mlp.cli;

import dev.mlp.sdk.LogFollower;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsResponse;
import software.amazon.awssdk.services.sagemaker.model.SortBy;
import software.amazon.awssdk.services.sagemaker.model.SortOrder;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobSummary;

/** {@code mlp jobs}. */
@CommandLine.Command(
    name = "jobs",
    description = "Looks after training jobs.",
    footer = {"", "Examples:", "  mlp jobs list", "  mlp jobs logs --follow JOB"})
final class JobsCommand extends GroupCommand {
  private static final int LARGEST_PAGE = 100;

  JobsCommand(Context context) {}

  /** {@code mlp jobs list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists training jobs, the newest first.",
      footer = {
        "",
        "Examples:",
        "  mlp jobs list",
        "  mlp jobs list --status Failed --limit 10 --output json"
      })
  static final class ListJobs extends Command {
    @Option(
        names = "--status",
        paramLabel = "STATUS",
        description = "Only these: InProgress, Completed, Failed, Stopping or Stopped.")
    @Nullable String status;

    @Option(
        names = "--name",
        paramLabel = "TEXT",
        description = "Only those with this in their name.")
    @Nullable String name;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many; 50 by default.")
    int limit = 50;

    ListJobs(Context context) {
      super(context);
    }

    @Override
    int run() {
      if (limit < 1) {
        throw new dev.mlp.sdk.InvalidRequestException("--limit must be at least 1, not " + limit);
      }
      if (status != null
          && TrainingJobStatus.fromValue(status) == TrainingJobStatus.UNKNOWN_TO_SDK_VERSION) {
        throw new dev.mlp.sdk.InvalidRequestException(
            "there is no status "
                + status
                + Suggestion.among(
                    status,
                    TrainingJobStatus.knownValues().stream()
                        .map(TrainingJobStatus::toString)
                        .toList()));
      }
      List<TrainingJobSummary> jobs;
      try (Session session = connect()) {
        jobs = jobs(session);
      }
      if (json()) {
        printJson(jobs.stream().map(Wire::tree).toList());
        return 0;
      }
      Table table = new Table("NAME", "STATUS", "CREATED", "DURATION");
      for (TrainingJobSummary job : jobs) {
        Instant end =
            job.trainingEndTime() == null ? job.lastModifiedTime() : job.trainingEndTime();
        boolean runs = job.trainingJobStatus() == TrainingJobStatus.IN_PROGRESS;
        table.row(
            job.trainingJobName(),
            job.trainingJobStatusAsString(),
            Timestamps.local(job.creationTime()),
            Timestamps.between(job.creationTime(), runs ? Instant.now() : end));
      }
      if (table.isEmpty()) {
        note("there are no training jobs: mlp train starts one");
      } else {
        print(table);
      }
      return 0;
    }

    private List<TrainingJobSummary> jobs(Session session) {
      List<TrainingJobSummary> jobs = new ArrayList<>();
      String token = null;
      do {
        ListTrainingJobsRequest.Builder request =
            ListTrainingJobsRequest.builder()
                .sortBy(SortBy.CREATION_TIME)
                .sortOrder(SortOrder.DESCENDING)
                .maxResults(Math.min(LARGEST_PAGE, limit - jobs.size()))
                .nextToken(token);
        if (status != null) {
          request.statusEquals(status);
        }
        if (name != null) {
          request.nameContains(name);
        }
        ListTrainingJobsResponse page = session.sageMaker().listTrainingJobs(request.build());
        jobs.addAll(page.trainingJobSummaries());
        token = page.nextToken();
      } while (token != null && jobs.size() < limit);
      return jobs;
    }
  }

  /** {@code mlp jobs describe}. */
  @CommandLine.Command(
      name = "describe",
      description = "Shows all the server knows about a training job, and what its instances use.",
      footer = {"", "Example:", "  mlp jobs describe JOB --output json"})
  static final class Describe extends Command {
    @Parameters(paramLabel = "JOB", description = "The job's name.")
    String job = "";

    Describe(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        DescribeTrainingJobResponse described = TrainingJob.attach(session, job).describe();
        Map<String, @Nullable Object> tree = Wire.tree(described);
        InstanceUse use = InstanceUse.ofTrainingJob(session, described, Instant.now());
        if (json()) {
          use.tree().ifPresent(each -> tree.put("Usage", each));
          printJson(tree);
        } else {
          Tree.lines(tree).forEach(context.out()::println);
          use.table(context.terminal().output())
              .ifPresent(table -> {
                context.out().println();
                print(table);
              });
        }
      }
      return 0;
    }
  }

  /** {@code mlp jobs logs}. */
  @CommandLine.Command(
      name = "logs",
      description = "Prints a training job's log.",
      footer = {"", "Examples:", "  mlp jobs logs JOB", "  mlp jobs logs --follow JOB"})
  static final class Logs extends Command {
    @Option(
        names = {"-f", "--follow"},
        description = "Go on until the job has ended.")
    boolean follow;

    @Parameters(paramLabel = "JOB", description = "The job's name.")
    String job = "";

    Logs(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        TrainingJob training = TrainingJob.attach(session, job);
        // An unknown job has no log either: only asking for the job itself tells the two apart.
        training.describe();
        LogOutput output = new LogOutput(context, json());
        if (follow) {
          training.await(output);
        } else {
          LogFollower.ofTrainingJob(session, job).poll(output::log);
        }
        output.end();
      }
      return 0;
    }
  }

  /** {@code mlp jobs stop}. */
  @CommandLine.Command(
      name = "stop",
      description =
          "Stops a training job: it gets SIGTERM, and SIGKILL two minutes later. What it has saved is kept.",
      footer = {"", "Examples:", "  mlp jobs stop JOB", "  mlp jobs stop --wait JOB"})
  static final class Stop extends Command {
    @Option(names = "--wait", description = "Return when it has ended.")
    boolean wait;

    @Parameters(paramLabel = "JOB", description = "The job's name.")
    String job = "";

    Stop(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect();
          Progress progress = new Progress(context)) {
        TrainingJob training = TrainingJob.attach(session, job);
        training.stop();
        if (wait) {
          progress.now("stopping " + job);
          training.await(dev.mlp.sdk.TrainingListener.SILENT);
          progress.done();
        }
        var now = training.describe();
        if (json()) {
          printJson(Wire.tree(now));
        } else {
          context.out().println(job + " is " + now.trainingJobStatusAsString());
        }
      }
      return 0;
    }
  }
}
