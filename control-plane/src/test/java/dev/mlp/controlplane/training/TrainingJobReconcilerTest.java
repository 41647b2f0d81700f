package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.capacity.Gpu;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.wire.WireCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.MetricDefinition;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatusTransition;

class TrainingJobReconcilerTest {
  @TempDir Path folder;
  private TrainingWorld world;

  @BeforeEach
  void open() {
    world = new TrainingWorld(folder);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void goesThroughEveryPhaseToItsModel() {
    world.create("job");
    assertThat(world.status("job")).isEqualTo("InProgress/Starting");
    assertThat(world.pokes).containsExactly(TrainingWorld.key("job"));
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Downloading");
    GroupId group = world.group("job");
    world.runtime.stage(group, "1 of 2 files");
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Downloading");
    world.runtime.run(group);
    Instant startedAt = world.clock.instant();
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Training");
    world.clock.advance(Duration.ofSeconds(30));
    world.runtime.collect(group, "algo-1", 0);
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Uploading");
    world.runtime.exit(group, 0);
    Instant endedAt = world.clock.instant();
    world.tick();

    DescribeTrainingJobResponse job = world.describe("job");
    assertThat(world.status("job")).isEqualTo("Completed/Completed");
    assertThat(job.trainingStartTime()).isEqualTo(startedAt);
    assertThat(job.trainingEndTime()).isEqualTo(endedAt);
    assertThat(job.trainingTimeInSeconds()).isEqualTo(32);
    assertThat(job.billableTimeInSeconds()).isEqualTo(32);
    assertThat(job.failureReason()).isNull();
    assertThat(job.modelArtifacts().s3ModelArtifacts())
        .isEqualTo("s3://models/job/output/model.tar.gz");
    assertThat(job.secondaryStatusTransitions())
        .extracting(
            SecondaryStatusTransition::statusAsString, SecondaryStatusTransition::statusMessage)
        .containsExactly(
            tuple("Starting", "Preparing the instances for training"),
            tuple("Downloading", "Downloading input data"),
            tuple("Training", "Training image download completed. Training in progress."),
            tuple("Uploading", "Uploading generated training model"),
            tuple("Completed", "Training job completed"));
    assertThat(world.runtime.groups()).isEmpty();
    assertThat(world.reconciler.active()).isEmpty();
  }

  @Test
  void everyHostHasAKeyOfItsOwnThatGoesWhenTheJobIsOver() throws Exception {
    world.create("job", job -> job.resourceConfig(r -> r.instanceType("local").instanceCount(2)));
    assertThat(world.credentials.held).isEmpty();
    world.tick();
    GroupId group = world.group("job");
    assertThat(world.credentials.held)
        .containsOnlyKeys(
            new InstanceName(TrainingWorld.TENANT, group.value(), "algo-1"),
            new InstanceName(TrainingWorld.TENANT, group.value(), "algo-2"));
    assertThat(world.runtime.spec(group).members())
        .extracting(member -> member.environment().get("AWS_ACCESS_KEY_ID"))
        .containsExactly("AKIA-" + group + "-algo-1", "AKIA-" + group + "-algo-2");
    world.runtime.run(group);
    world.tick();
    assertThat(world.credentials.held).hasSize(2);
    world.runtime.exit(group, 0);
    world.tick();
    assertThat(world.credentials.held).isEmpty();
    assertThat(world.credentials.revoked()).containsExactly(group.value());
    assertThat(world.reconciler.trackedGroups()).isEmpty();
  }

  @Test
  void hostsWithoutANetworkGetNoKey() throws Exception {
    // Accepted by a runtime that can cut instances off; which one starts it makes no difference.
    world.logs.createGroup(TrainingWorld.TENANT, TrainingJob.LOG_GROUP, TrainingWorld.START);
    TrainingJobState state = new TrainingJobState.Starting(TrainingWorld.START);
    assertThat(
            world.store.insert(
                TrainingWorld.key("job"),
                new GroupId("train-isolated"),
                WireCodec.write(
                    TrainingWorld.request("job").toBuilder().enableNetworkIsolation(true).build()),
                state,
                new Transition(TrainingPhase.STARTING, "", TrainingWorld.START)))
        .isTrue();
    world.tick();
    assertThat(world.runtime.spec(world.group("job")).members().getFirst().environment())
        .containsEntry("AWS_REGION", "us-east-1")
        .doesNotContainKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL");
    assertThat(world.credentials.held).isEmpty();
  }

  @Test
  void showsPhasesThatCameAndWentBetweenTwoLooks() {
    world.create("job");
    world.tick();
    GroupId group = world.group("job");
    world.clock.advance(Duration.ofSeconds(10));
    world.runtime.run(group);
    world.clock.advance(Duration.ofSeconds(10));
    world.runtime.collect(group, "algo-1", 0);
    world.clock.advance(Duration.ofSeconds(10));
    world.runtime.exit(group, 0);
    world.clock.advance(Duration.ofHours(2));
    world.tick();
    Instant begin = TrainingWorld.START.plusSeconds(1);
    List<SecondaryStatusTransition> phases = world.describe("job").secondaryStatusTransitions();
    assertThat(phases)
        .extracting(SecondaryStatusTransition::statusAsString)
        .containsExactly("Starting", "Downloading", "Training", "Uploading", "Completed");
    assertThat(phases)
        .extracting(SecondaryStatusTransition::startTime)
        .containsExactly(
            TrainingWorld.START,
            begin,
            begin.plusSeconds(10),
            begin.plusSeconds(20),
            begin.plusSeconds(30));
    assertThat(phases.get(2).endTime()).isEqualTo(begin.plusSeconds(20));
  }

  @Test
  void waitsForMemoryInOrderAndSaysWhy() {
    world.create("first");
    world.create("second");
    world.create("third");
    world.tick();
    assertThat(world.status("first")).isEqualTo("InProgress/Downloading");
    assertThat(world.status("second")).isEqualTo("InProgress/Pending");
    assertThat(lastMessage("second"))
        .isEqualTo("waiting for 8,192 MiB: 7,808 of 16,000 MiB are free");
    assertThat(lastMessage("third"))
        .isEqualTo("waiting for 8,192 MiB: 7,808 of 16,000 MiB are free; 1 is waiting before it");
    world.runtime.exit(world.group("first"), 0);
    world.tick();
    world.tick();
    assertThat(world.phases("second"))
        .containsExactly("Starting", "Pending", "Starting", "Downloading");
    assertThat(world.phases("third")).containsExactly("Starting", "Pending");
    assertThat(lastMessage("third"))
        .isEqualTo("waiting for 8,192 MiB: 7,808 of 16,000 MiB are free");
    world.stop("third");
    world.tick();
    assertThat(world.phases("third")).containsExactly("Starting", "Pending", "Stopping", "Stopped");
    assertThat(world.describe("third").trainingStartTime()).isNull();
  }

  private String lastMessage(String job) {
    return world.describe(job).secondaryStatusTransitions().getLast().statusMessage();
  }

  @Test
  void fitsALargeTypeToTheMachineAndSaysSo() {
    world.create(
        "job",
        request -> request.resourceConfig(r -> r.instanceType("ml.p2.xlarge").instanceCount(2)));
    world.tick();
    InstanceGroupSpec spec = world.runtime.spec(world.group("job"));
    assertThat(spec.members())
        .extracting(member -> member.resources().memoryMebibytes())
        .containsExactly(8000L, 8000L);
    assertThat(world.describe("job").secondaryStatusTransitions().getFirst().statusMessage())
        .isEqualTo(
            "Preparing the instances for training (ml.p2.xlarge fitted to this machine: 8,000 MiB"
                + " instead of 62,464 MiB, without its GPU)");
  }

  @Test
  void givesEveryHostGpusOfItsOwnAndKeepsThemOverARestart() {
    world.restart(machine("GPU-a", "GPU-b", "GPU-c"), InstanceTypes.FIT);
    world.create(
        "job",
        request -> request.resourceConfig(r -> r.instanceType("ml.p2.xlarge").instanceCount(2)));
    world.runtime.failStart(new ContainerRuntimeException("not now", true));
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Starting");
    world.runtime.recover();
    world.restart(machine("GPU-d"), InstanceTypes.FIT);
    world.tick();
    assertThat(world.runtime.spec(world.group("job")).members())
        .extracting(member -> member.resources().gpus())
        .containsExactly(List.of("GPU-a"), List.of("GPU-b"));
    assertThat(world.describe("job").secondaryStatusTransitions().getFirst().statusMessage())
        .endsWith("(ml.p2.xlarge fitted to this machine: 8,000 MiB instead of 62,464 MiB)");
  }

  @Test
  void aShortJobFillsTheGapBeforeALargeOneThatWaits() {
    world.create("running", request -> request.stoppingCondition(s -> s.maxRuntimeInSeconds(3600)));
    world.create("large", request -> request.resourceConfig(r -> r.instanceType("ml.m5.xlarge")));
    world.create("long", request -> request.stoppingCondition(s -> s.maxRuntimeInSeconds(3601)));
    world.create(
        "short",
        request ->
            request
                .stoppingCondition(s -> s.maxRuntimeInSeconds(3000))
                .resourceConfig(r -> r.instanceType("local")));
    world.tick();
    assertThat(world.status("running")).isEqualTo("InProgress/Downloading");
    assertThat(world.status("large")).isEqualTo("InProgress/Pending");
    assertThat(world.status("long")).isEqualTo("InProgress/Pending");
    assertThat(world.status("short")).isEqualTo("InProgress/Downloading");
  }

  @Test
  void whatTheMachineHasBecomeTooSmallForFailsByName() {
    world.create("running");
    world.create("waiting");
    world.tick();
    world.restart(new Machine(4000, 8, List.of()), InstanceTypes.STRICT);
    world.tick();
    assertThat(world.status("running")).isEqualTo("InProgress/Downloading");
    assertThat(world.status("waiting")).isEqualTo("Failed/Failed");
    assertThat(world.describe("waiting").failureReason())
        .isEqualTo(
            "CapacityError: Unable to provision requested ML compute capacity. This machine is too"
                + " small for ml.m5.large: memory: asked 8,192 MiB, it has 4,000 MiB for instances."
                + " Larger types are refused here and not fitted (--instance-types strict).");
  }

  private static Machine machine(String... gpus) {
    return new Machine(
        TrainingWorld.MACHINE_MEBIBYTES,
        8,
        Stream.of(gpus).map(id -> new Gpu(id, OptionalLong.empty())).toList());
  }

  @Test
  void failsWithTheFailureFileAndTheExitCode() {
    world.create("job");
    world.tick();
    world.runtime.exit(
        world.group("job"),
        "algo-1",
        new Phase.Exit(3, false, Optional.of("no such column: age\n"), world.clock.instant()));
    world.tick();
    assertThat(world.status("job")).isEqualTo("Failed/Failed");
    assertThat(world.describe("job").failureReason())
        .isEqualTo("AlgorithmError: no such column: age, exit code: 3");
    assertThat(world.phases("job"))
        .containsExactly("Starting", "Downloading", "Training", "Uploading", "Failed");
    assertThat(world.runtime.groups()).isEmpty();
  }

  @Test
  void failsWithTheExitCodeAndTheLastLinesOfTheLog() {
    world.create("job");
    world.tick();
    world.runtime.run(world.group("job"));
    world.print("job", "algo-1", "reading\nTraceback: boom");
    world.runtime.exit(
        world.group("job"),
        "algo-1",
        new Phase.Exit(137, true, Optional.empty(), world.clock.instant()));
    world.tick();
    assertThat(world.describe("job").failureReason())
        .isEqualTo(
            "AlgorithmError: Exit Code: 137, out of memory; last log lines:\nreading\nTraceback: boom");
  }

  @Test
  void blamesTheClientForInputThatCannotBeStaged() {
    world.create("job");
    world.tick();
    world.runtime.stage(world.group("job"), "downloading");
    world.runtime.breakDown(
        world.group("job"), "algo-1", Phase.Step.STAGING, "s3://data/code.tar.gz is no archive");
    world.tick();
    assertThat(world.describe("job").failureReason())
        .isEqualTo("ClientError: Data download failed: s3://data/code.tar.gz is no archive");
    assertThat(world.phases("job")).containsExactly("Starting", "Downloading", "Failed");
    assertThat(world.describe("job").trainingStartTime()).isNull();
    assertThat(world.describe("job").trainingTimeInSeconds()).isZero();
  }

  @Test
  void blamesItselfForALostInstanceAndForOneThatIsGone() {
    world.create("lost");
    world.tick();
    world.runtime.run(world.group("lost"));
    world.runtime.lose(world.group("lost"), "algo-1", "the machine was restarted");
    world.tick();
    assertThat(world.describe("lost").failureReason())
        .isEqualTo("InternalServerError: The instance was lost: the machine was restarted");
    world.create("gone");
    world.tick();
    world.runtime.run(world.group("gone"));
    world.tick();
    world.runtime.remove(world.group("gone"));
    world.tick();
    assertThat(world.describe("gone").failureReason()).startsWith("InternalServerError: ");
    assertThat(world.status("gone")).isEqualTo("Failed/Failed");
  }

  @Test
  void anUploadThatFailsFailsTheJob() {
    world.create("job");
    world.tick();
    world.runtime.run(world.group("job"));
    world.runtime.collect(world.group("job"), "algo-1", 0);
    world.runtime.breakDown(
        world.group("job"), "algo-1", Phase.Step.COLLECTING, "bucket models does not exist");
    world.tick();
    assertThat(world.describe("job").failureReason())
        .isEqualTo("ClientError: Artifact upload failed: bucket models does not exist");
  }

  @Test
  void stopsARunningJobWithTwoMinutesToSaveItsModel() {
    world.create("job");
    world.tick();
    GroupId group = world.group("job");
    world.runtime.ignoreStop();
    world.runtime.run(group);
    world.tick();
    world.stop("job");
    assertThat(world.status("job")).isEqualTo("Stopping/Stopping");
    world.stop("job");
    world.tick();
    world.tick();
    assertThat(world.runtime.calls())
        .filteredOn(call -> call instanceof FakeContainerRuntime.Call.Stop)
        .containsExactly(new FakeContainerRuntime.Call.Stop(group, Duration.ofMinutes(2)));
    assertThat(world.status("job")).isEqualTo("Stopping/Stopping");
    world.runtime.exit(group, 143);
    world.tick();
    assertThat(world.status("job")).isEqualTo("Stopped/Stopped");
    assertThat(world.describe("job").failureReason()).isNull();
    assertThat(world.phases("job"))
        .containsExactly("Starting", "Downloading", "Training", "Stopping", "Stopped");
    assertThat(world.runtime.groups()).isEmpty();
  }

  @Test
  void stopsAJobBeforeItRuns() {
    world.create("fresh");
    world.stop("fresh");
    world.tick();
    assertThat(world.status("fresh")).isEqualTo("Stopped/Stopped");
    assertThat(world.runtime.calls())
        .noneMatch(call -> call instanceof FakeContainerRuntime.Call.Start);
    world.create("staging");
    world.tick();
    world.runtime.stage(world.group("staging"), "downloading");
    world.stop("staging");
    world.tick();
    world.tick();
    assertThat(world.status("staging")).isEqualTo("Stopped/Stopped");
    assertThat(world.describe("staging").trainingStartTime()).isNull();
  }

  @Test
  void stopsAJobThatRanTooLong() {
    world.create("job", request -> request.stoppingCondition(s -> s.maxRuntimeInSeconds(60)));
    world.clock.advance(Duration.ofHours(5));
    world.tick();
    world.runtime.run(world.group("job"));
    world.clock.advance(Duration.ofSeconds(58));
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Training");
    world.tick();
    world.tick();
    assertThat(world.status("job")).isEqualTo("Stopped/MaxRuntimeExceeded");
    assertThat(world.phases("job"))
        .containsExactly("Starting", "Downloading", "Training", "Stopping", "MaxRuntimeExceeded");
  }

  @Test
  void oneFailingHostEndsTheJobAndIsNamed() {
    world.create(
        "job", request -> request.resourceConfig(r -> r.instanceType("local").instanceCount(3)));
    world.tick();
    GroupId group = world.group("job");
    world.runtime.run(group);
    world.tick();
    world.clock.advance(Duration.ofSeconds(5));
    world.runtime.exit(group, "algo-2", 9);
    world.tick();
    assertThat(world.runtime.calls())
        .contains(new FakeContainerRuntime.Call.Stop(group, Duration.ofMinutes(2)));
    world.tick();
    assertThat(world.status("job")).isEqualTo("Failed/Failed");
    assertThat(world.describe("job").failureReason())
        .isEqualTo("AlgorithmError: Exit Code: 9 (algo-2)");
    assertThat(world.runtime.groups()).isEmpty();
  }

  @Test
  void oneHostThatIsDoneDoesNotEndTheJob() {
    world.create(
        "job", request -> request.resourceConfig(r -> r.instanceType("local").instanceCount(2)));
    world.tick();
    GroupId group = world.group("job");
    world.runtime.run(group);
    world.runtime.exit(group, "algo-1", 0);
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Training");
    world.runtime.exit(group, "algo-2", 0);
    world.tick();
    assertThat(world.status("job")).isEqualTo("Completed/Completed");
  }

  @Test
  void triesAgainWhileTheRuntimeCannotStart() {
    world.runtime.failStart(new ContainerRuntimeException("no port is free", true));
    world.create("job");
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Starting");
    world.runtime.recover();
    world.tick();
    assertThat(world.status("job")).isEqualTo("InProgress/Downloading");
  }

  @Test
  void givesUpWhenTheRuntimeNeverStarts() {
    world.runtime.failStart(new ContainerRuntimeException("no port is free", true));
    world.create("job");
    world.tick();
    world.clock.advance(Duration.ofMinutes(10));
    world.tick();
    assertThat(world.describe("job").failureReason())
        .isEqualTo("InternalServerError: The instances could not be started: no port is free");
    world.runtime.failStart(new ContainerRuntimeException("no such image", false));
    world.create("other");
    world.tick();
    assertThat(world.describe("other").failureReason())
        .isEqualTo("ClientError: The instances cannot be started: no such image");
  }

  @Test
  void adoptsWhatRunsAfterARestart() {
    world.create("job", request -> metric(request));
    world.tick();
    world.runtime.run(world.group("job"));
    world.print("job", "algo-1", "loss=0.9\n");
    world.tick();
    world.restart();
    world.print("job", "algo-1", "loss=0.5\nloss=0.25");
    world.runtime.exit(world.group("job"), 0);
    world.tick();
    assertThat(world.status("job")).isEqualTo("Completed/Completed");
    assertThat(world.describe("job").finalMetricDataList())
        .singleElement()
        .satisfies(metric -> {
          assertThat(metric.metricName()).isEqualTo("loss");
          assertThat(metric.value()).isEqualTo(0.25f);
          assertThat(metric.timestamp()).isBeforeOrEqualTo(world.clock.instant());
        });
    String series = "loss [Dimension[name=TrainingJobName, value=job]] ";
    assertThat(world.samples).containsExactly(series + 0.9, series + 0.5, series + 0.25);
    assertThat(world.runtime.calls())
        .filteredOn(call -> call instanceof FakeContainerRuntime.Call.Start)
        .hasSize(1);
  }

  private static CreateTrainingJobRequest.Builder metric(CreateTrainingJobRequest.Builder request) {
    return request.algorithmSpecification(a ->
        a.trainingImage("mlp/training")
            .trainingInputMode("File")
            .metricDefinitions(
                List.of(MetricDefinition.builder().name("loss").regex("loss=([0-9.]+)").build())));
  }

  @Test
  void howFarStagingIsStandsInTheStatusMessageWhileItLasts() {
    world.create("job");
    world.tick();
    world.runtime.stage(world.group("job"), "pulling image x: 12 of 40 MiB");
    assertThat(world.describe("job").secondaryStatusTransitions().getLast().statusMessage())
        .isEqualTo("Downloading input data: pulling image x: 12 of 40 MiB");
    world.runtime.run(world.group("job"));
    world.tick();
    assertThat(world.describe("job").secondaryStatusTransitions())
        .extracting(transition -> transition.statusMessage())
        .noneMatch(message -> message.contains("12 of 40"));
  }

  @Test
  void sweepsWhatNoJobTracksAfterAGracePeriod() throws Exception {
    GroupId orphan = new GroupId("train-forgotten");
    GroupId endpoint = new GroupId("endpoint-1");
    world.runtime.start(spec(orphan, Owner.Kind.TRAINING_JOB));
    world.runtime.start(spec(endpoint, Owner.Kind.ENDPOINT));
    world.create("job");
    world.tick();
    world.reconciler.sweep(world.clock.instant());
    world.reconciler.sweep(world.clock.instant().plusSeconds(119));
    assertThat(world.runtime.groups()).contains(orphan);
    assertThat(world.credentials.revoked()).isEmpty();
    world.reconciler.sweep(world.clock.instant().plusSeconds(120));
    assertThat(world.credentials.revoked()).containsExactly(orphan.value());
    assertThat(world.reconciler.trackedGroups()).containsExactly(world.group("job"));
    assertThat(world.runtime.groups()).containsExactlyInAnyOrder(endpoint, world.group("job"));
  }

  private static InstanceGroupSpec spec(GroupId id, Owner.Kind kind) {
    MemberSpec member =
        new MemberSpec(
            "algo-1",
            "image",
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            List.of(),
            List.of(),
            "output/failure",
            Path.of("log"),
            OptionalInt.empty(),
            Resources.of(1, 1));
    return new InstanceGroupSpec(
        id, new Owner(TrainingWorld.TENANT, kind, "forgotten"), List.of(member), false);
  }
}
