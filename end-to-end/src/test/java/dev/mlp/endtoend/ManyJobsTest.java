package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** More work than the machine has room for. */
class ManyJobsTest {
  private static final int JOBS = 50;
  private static final int ROOM = 3;
  private static final Duration LONG = Duration.ofMinutes(8);

  @TempDir Path temporary;

  @Test
  void fiftyJobsRunInOrderAndNeverTakeMoreMemoryThanThereIs() throws Exception {
    TestRuntime.Engine engine = TestRuntime.requireDocker();
    Path data = Files.createDirectories(temporary.resolve("data"));
    // Each job is of a type with 1 GiB: three fit.
    Files.writeString(
        data.resolve("mlp.yaml"),
        """
        memory-mebibytes: %d
        extra-instance-types: {ml.small.one: {vcpus: 1, memory-mebibytes: 1024}}
        """
            .formatted(ROOM * 1024));
    try (OwnImage image = OwnImage.build(engine);
        Server server = Server.start(data);
        Jobs jobs = new Jobs(server, image.name())) {
      for (int i = 0; i < JOBS; i++) {
        jobs.create(
            name(i),
            request ->
                request
                    .resourceConfig(resources ->
                        resources.instanceType("ml.small.one").instanceCount(1).volumeSizeInGB(1))
                    .hyperParameters(Map.of("lines", "5")));
      }
      // The last one waits, and says what for.
      DescribeTrainingJobResponse waiting = jobs.describe(name(JOBS - 1));
      assertThat(waiting.secondaryStatusAsString()).isIn("Starting", "Pending");

      List<DescribeTrainingJobResponse> ended = new ArrayList<>();
      Instant end = Instant.now().plus(LONG);
      for (int i = 0; i < JOBS; i++) {
        ended.add(jobs.await(name(i)));
        assertThat(Instant.now()).isBefore(end);
      }
      assertThat(ended)
          .allSatisfy(job ->
              assertThat(job.trainingJobStatus())
                  .as(job.trainingJobName() + ": " + job.failureReason())
                  .isEqualTo(TrainingJobStatus.COMPLETED));
      assertThat(
              ended.stream()
                  .flatMap(job -> job.secondaryStatusTransitions().stream())
                  .filter(transition -> transition.statusAsString().equals("Pending"))
                  .map(transition -> transition.statusMessage()))
          .anyMatch(message -> message.contains("waiting for 1,024 MiB"));
      // Those that were given memory at one time are prepared side by side, in any order.
      List<Instant> granted = granted(ended);
      List<Instant> sorted = granted.stream().sorted().toList();
      for (int i = 0; i < JOBS; i++) {
        assertThat(sorted.indexOf(granted.get(i)))
            .as("first come, first served: %s", granted)
            .isBetween(i - ROOM, i + ROOM);
      }
      assertThat(most(ended)).as("running at once").isLessThanOrEqualTo(ROOM);
      Eventually.holds(LONG, "nothing is left", () -> engine.containers(server.id()).isEmpty());
    }
  }

  @Test
  void inStrictModeWhatTheMachineDoesNotHaveIsRefusedByName() throws Exception {
    try (Server server = Server.start(temporary.resolve("data"), "--instance-types", "strict");
        Jobs jobs = new Jobs(server, "mlp-training")) {
      assertThatThrownBy(() ->
              jobs.create(
                  "large",
                  request ->
                      request.resourceConfig(resources ->
                          resources
                              .instanceType("ml.p4d.24xlarge")
                              .instanceCount(1)
                              .volumeSizeInGB(1))))
          .isInstanceOf(SageMakerException.class)
          .hasMessageContaining("ml.p4d.24xlarge")
          .hasMessageContaining("GPU")
          .hasMessageContaining("MiB");
      assertThat(jobs.session().sageMaker().listTrainingJobs().trainingJobSummaries()).isEmpty();
    }
  }

  private static String name(int i) {
    return "job-%02d".formatted(i);
  }

  /** When each had its memory: it goes from waiting to being prepared. */
  private static List<Instant> granted(List<DescribeTrainingJobResponse> jobs) {
    return jobs.stream()
        .map(job ->
            job.secondaryStatusTransitions().stream()
                .filter(
                    transition -> transition.statusMessage().startsWith("Preparing the instances"))
                .map(transition -> transition.startTime())
                .findFirst()
                .orElseThrow())
        .toList();
  }

  /** How many programs ran at once at most. */
  private static int most(List<DescribeTrainingJobResponse> jobs) {
    record Change(Instant at, int by) {}
    List<Change> changes = new ArrayList<>();
    for (DescribeTrainingJobResponse job : jobs) {
      changes.add(new Change(job.trainingStartTime(), 1));
      changes.add(new Change(job.trainingEndTime(), -1));
    }
    // What ends and what starts at one instant did not run together.
    changes.sort(Comparator.comparing(Change::at).thenComparingInt(Change::by));
    int now = 0;
    int most = 0;
    for (Change change : changes) {
      now += change.by();
      most = Math.max(most, now);
    }
    return most;
  }
}
