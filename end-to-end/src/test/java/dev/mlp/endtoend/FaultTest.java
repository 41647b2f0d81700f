package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/**
 * Kills and pauses at random, seeded steps of a job's life: the control plane, the engine, a
 * container. No job is lost, none runs twice, and nothing is left over.
 *
 * <p>{@code -Dmlp.fault.rounds} and {@code -Dmlp.fault.seed} choose how many rounds, and which.
 */
class FaultTest {
  private static final int JOBS_PER_ROUND = 3;
  private static final int LINES = 10;
  private static final Duration SOON = Duration.ofMinutes(2);

  /** What goes wrong. */
  private enum Fault {
    KILL_SERVER,
    KILL_SERVER_TWICE,
    KILL_CONTAINER,
    REMOVE_CONTAINER,
    PAUSE_CONTAINER,
    RESTART_ENGINE,
    RESTART_ENGINE_AND_KILL_SERVER;

    boolean needsEngine() {
      return this == RESTART_ENGINE || this == RESTART_ENGINE_AND_KILL_SERVER;
    }

    /** Whether programs may end through it. */
    boolean endsPrograms() {
      return this != KILL_SERVER && this != KILL_SERVER_TWICE && this != PAUSE_CONTAINER;
    }
  }

  @TempDir Path temporary;
  private final Map<String, TrainingJobStatus> ended = new HashMap<>();

  @Test
  void noJobIsLostOrRunsTwiceAndNothingIsLeft() throws Exception {
    TestRuntime.Engine engine = TestRuntime.requireDocker();
    int rounds = Integer.getInteger("mlp.fault.rounds", 20);
    long seed = Long.getLong("mlp.fault.seed", System.nanoTime());
    boolean mayRestart = System.getenv("MLP_TEST_ENGINE_IS_OURS") != null;
    List<Fault> faults =
        Stream.of(Fault.values()).filter(fault -> mayRestart || !fault.needsEngine()).toList();
    System.out.printf(
        "faults: %d rounds, seed %d%s%n",
        rounds, seed, mayRestart ? "" : "; the engine is not the tests' own, and is not restarted");
    Random random = new Random(seed);
    try (OwnImage image = OwnImage.build(engine);
        Server server = Server.start(temporary.resolve("data"));
        Jobs jobs = new Jobs(server, image.name())) {
      jobs.upload("train/a.csv", "0,1\n1,3\n");
      for (int round = 0; round < rounds; round++) {
        Fault fault = faults.get(random.nextInt(faults.size()));
        long begin = System.nanoTime();
        round(engine, server, jobs, round, fault, random);
        System.out.printf(
            "faults: round %d, %s: %d ms%n", round, fault, (System.nanoTime() - begin) / 1_000_000);
      }
      assertNothingIsLeft(engine, server, jobs);
    }
  }

  private void round(
      TestRuntime.Engine engine, Server server, Jobs jobs, int round, Fault fault, Random random)
      throws Exception {
    List<String> names =
        IntStream.range(0, JOBS_PER_ROUND)
            .mapToObj(job -> "round-%03d-%d".formatted(round, job))
            .toList();
    for (String name : names) {
      jobs.create(
          name,
          request ->
              request
                  .inputDataConfig(jobs.channel("train", "train/"))
                  .hyperParameters(Map.of("lines", Integer.toString(LINES), "pause", "0.1")));
    }
    // From before the first container is made until after the last has ended.
    pause(random.nextInt(3_000));
    strike(engine, server, fault, random);
    for (String name : names) {
      check(jobs.await(name), jobs.log(name), fault);
    }
    // What was told once is so for ever, whatever was killed since.
    ended.forEach((name, status) ->
        assertThat(jobs.describe(name).trainingJobStatus()).as(name).isEqualTo(status));
  }

  private void strike(TestRuntime.Engine engine, Server server, Fault fault, Random random)
      throws Exception {
    switch (fault) {
      case KILL_SERVER -> {
        server.kill();
        server.restart();
      }
      case KILL_SERVER_TWICE -> {
        server.kill();
        server.restart();
        pause(random.nextInt(1_000));
        server.kill();
        pause(random.nextInt(2_000));
        server.restart();
      }
      case KILL_CONTAINER -> any(engine, server, random, "kill");
      case REMOVE_CONTAINER -> any(engine, server, random, "rm", "-f");
      case PAUSE_CONTAINER -> {
        String paused = any(engine, server, random, "pause");
        pause(random.nextInt(1_500));
        if (!paused.isEmpty()) {
          // It may have been stopped and removed meanwhile.
          var _ = engine.command("unpause", paused);
        }
      }
      case RESTART_ENGINE -> restart();
      case RESTART_ENGINE_AND_KILL_SERVER -> {
        server.kill();
        restart();
        server.restart();
      }
    }
  }

  /** Does it to a container that runs now, if one does. */
  private static String any(TestRuntime.Engine engine, Server server, Random random, String... what)
      throws Exception {
    List<String> running = engine.containers(server.id(), "running");
    if (running.isEmpty()) {
      return "";
    }
    String chosen = running.get(random.nextInt(running.size()));
    List<String> line = new ArrayList<>(List.of(what));
    line.add(chosen);
    // It may end by itself at this moment.
    var _ = engine.command(line.toArray(String[]::new));
    return chosen;
  }

  private static void restart() throws Exception {
    new Command(
            List.of(Command.home().resolve("tools/docker-engine").toString(), "restart"),
            Map.of(),
            Command.home())
        .run(SOON)
        .orFail();
  }

  private void check(DescribeTrainingJobResponse job, List<String> log, Fault fault) {
    String name = job.trainingJobName() + " after " + fault + ": " + job.failureReason();
    ended.put(job.trainingJobName(), job.trainingJobStatus());
    List<String> lines = log.stream().filter(line -> line.startsWith("line ")).toList();
    List<String> expected = IntStream.rangeClosed(1, LINES).mapToObj(n -> "line " + n).toList();
    assertThat(log.stream().filter(line -> line.startsWith("run "))).as(name).hasSizeLessThan(2);
    if (job.trainingJobStatus() == TrainingJobStatus.COMPLETED) {
      assertThat(lines).as(name).isEqualTo(expected);
      assertThat(log).as(name).filteredOn(line -> line.startsWith("rows=2;")).hasSize(1);
    } else {
      assertThat(fault.endsPrograms()).as(name).isTrue();
      assertThat(job.trainingJobStatus()).as(name).isEqualTo(TrainingJobStatus.FAILED);
      assertThat(job.failureReason())
          .as(name)
          .containsAnyOf("Exit Code: 137", "Exit Code: 143", "removed", "engine");
      // As far as it came: each line once, in order.
      assertThat(lines).as(name).isEqualTo(expected.subList(0, lines.size()));
    }
  }

  private void assertNothingIsLeft(TestRuntime.Engine engine, Server server, Jobs jobs)
      throws Exception {
    Eventually.holds(
        SOON,
        "no container or volume is left",
        () ->
            engine.containers(server.id()).isEmpty()
                && engine
                    .docker("volume", "ls", "-q", "--filter", "label=dev.mlp.server=" + server.id())
                    .isBlank());
    for (String folder : List.of("containers", "instances")) {
      Path path = server.dataDirectory().resolve(folder);
      if (Files.exists(path)) {
        try (Stream<Path> left = Files.list(path)) {
          assertThat(left.filter(Files::isDirectory)).as(folder).isEmpty();
        }
      }
    }
    // All memory is free again: a job that takes the whole machine need not wait.
    jobs.create(
        "whole",
        request ->
            request.resourceConfig(resources ->
                resources.instanceType("ml.m5.24xlarge").instanceCount(1).volumeSizeInGB(1)));
    DescribeTrainingJobResponse whole = jobs.await("whole");
    assertThat(whole.trainingJobStatus()).isEqualTo(TrainingJobStatus.COMPLETED);
    assertThat(whole.secondaryStatusTransitions())
        .noneMatch(transition -> transition.statusAsString().equals("Pending"));
    assertThat(server.stop()).isZero();
    assertThat(engine.remains(server.id())).isEmpty();
  }

  private static void pause(int milliseconds) {
    LockSupport.parkNanos(Duration.ofMillis(milliseconds).toNanos());
  }
}
