package dev.mlp.benchmarks;

import dev.mlp.sdk.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatusTransition;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** Jobs on the Docker runtime against {@code docker run} of the same image, command and mounts. */
final class Containers {
  private static final String BUCKET = "benchmark";
  private static final Pattern NOW = Pattern.compile("now=(\\d+);");
  private static final String FIRST_LINE = "echo \"now=$(date +%s%3N);\"";

  private final Programs programs;
  private final Session session;
  private final String role;
  private final String image;
  private final Path data;
  private final Map<String, List<Double>> phases = new TreeMap<>();

  /**
   * @param image one that has a shell, as the engine knows it
   */
  Containers(Programs programs, Session session, String role, String image) throws Exception {
    this.programs = programs;
    this.session = session;
    this.role = role;
    this.image = image;
    this.data = Files.createDirectories(programs.work().resolve("channel"));
    Files.writeString(data.resolve("a.csv"), "1,2\n");
    session.s3().createBucket(bucket -> bucket.bucket(BUCKET));
    session
        .s3()
        .putObject(put -> put.bucket(BUCKET).key("train/a.csv"), RequestBody.fromString("1,2\n"));
  }

  void run(int rounds) throws Exception {
    System.out.println(Interleaved.header());
    System.out.println(
        Interleaved.run(rounds, this::firstLine, this::firstLineByHand)
            .row("submit → first line in a container ÷ `docker run`", "ms"));
    System.out.println(
        Interleaved.run(rounds, this::empty, this::emptyByHand)
            .row("empty job, submit → Completed ÷ `docker run`", "ms"));
    System.out.println();
    System.out.println("| phase of a job | median |\n| --- | --- |");
    phases.forEach((phase, millis) -> {
      double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      System.out.printf(Locale.ROOT, "| %s | %,.0f ms |%n", phase, sorted[sorted.length / 2]);
    });
  }

  private double firstLine() throws Exception {
    long start = System.currentTimeMillis();
    String name = submit(FIRST_LINE);
    DescribeTrainingJobResponse job = await(name);
    note(job);
    return now(log(name)) - start;
  }

  private double firstLineByHand() throws Exception {
    long start = System.currentTimeMillis();
    return now(programs.run(dockerRun(FIRST_LINE))) - start;
  }

  private double empty() throws Exception {
    long start = System.nanoTime();
    await(submit("true"));
    return (System.nanoTime() - start) / 1e6;
  }

  private double emptyByHand() throws Exception {
    return programs.millis(dockerRun("true"));
  }

  private List<String> dockerRun(String script) {
    return List.of(
        "docker",
        "run",
        "--memory",
        "2g",
        "--volume",
        data + ":/opt/ml/input/data/train",
        "--entrypoint",
        "/bin/sh",
        image,
        "-c",
        script);
  }

  private String submit(String script) {
    String name = "benchmark-" + UUID.randomUUID();
    session
        .sageMaker()
        .createTrainingJob(request ->
            request
                .trainingJobName(name)
                .roleArn(role)
                .algorithmSpecification(algorithm ->
                    algorithm
                        .trainingImage(image)
                        .trainingInputMode("File")
                        .containerEntrypoint("/bin/sh")
                        .containerArguments("-c", script))
                .inputDataConfig(
                    Channel.builder()
                        .channelName("train")
                        .dataSource(source ->
                            source.s3DataSource(s3 ->
                                s3.s3DataType("S3Prefix").s3Uri("s3://" + BUCKET + "/train/")))
                        .build())
                .outputDataConfig(output -> output.s3OutputPath("s3://" + BUCKET + "/output"))
                .resourceConfig(
                    resources -> resources.instanceType("local").instanceCount(1).volumeSizeInGB(1))
                .stoppingCondition(stop -> stop.maxRuntimeInSeconds(600)));
    return name;
  }

  private DescribeTrainingJobResponse await(String name) {
    while (true) {
      DescribeTrainingJobResponse job =
          session.sageMaker().describeTrainingJob(request -> request.trainingJobName(name));
      if (job.trainingJobStatus() == TrainingJobStatus.COMPLETED) {
        return job;
      }
      if (job.trainingJobStatus() != TrainingJobStatus.IN_PROGRESS) {
        throw new IllegalStateException(name + " failed: " + job.failureReason());
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private void note(DescribeTrainingJobResponse job) {
    int number = 1;
    for (SecondaryStatusTransition phase : job.secondaryStatusTransitions()) {
      if (phase.endTime() != null) {
        phases
            .computeIfAbsent(number + " " + phase.statusAsString(), _ -> new ArrayList<>())
            .add((double) Duration.between(phase.startTime(), phase.endTime()).toMillis());
      }
      number++;
    }
  }

  private String log(String name) {
    var stream =
        session
            .logs()
            .describeLogStreams(request ->
                request.logGroupName("/aws/sagemaker/TrainingJobs").logStreamNamePrefix(name + "/"))
            .logStreams()
            .getFirst();
    StringBuilder text = new StringBuilder();
    session
        .logs()
        .getLogEvents(request ->
            request
                .logGroupName("/aws/sagemaker/TrainingJobs")
                .logStreamName(stream.logStreamName())
                .startFromHead(true))
        .events()
        .forEach(event -> text.append(event.message()).append('\n'));
    return text.toString();
  }

  private static double now(String output) {
    Matcher matcher = NOW.matcher(output);
    if (!matcher.find()) {
      throw new IllegalStateException("the program printed no time: " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
