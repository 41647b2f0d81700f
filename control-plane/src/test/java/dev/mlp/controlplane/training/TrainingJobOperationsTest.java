package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.WireCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsResponse;
import software.amazon.awssdk.services.sagemaker.model.MetricDefinition;
import software.amazon.awssdk.services.sagemaker.model.S3DataType;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobSummary;

class TrainingJobOperationsTest {
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

  private void assertRefused(
      UnaryOperator<CreateTrainingJobRequest.Builder> with, ErrorCode code, String message) {
    assertThatThrownBy(() -> world.create("job", with))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
    assertThat(world.pokes).isEmpty();
    assertThat(world.reconciler.active()).isEmpty();
  }

  @Test
  void refusesANameThatIsTaken() {
    world.create("job");
    world.pokes.clear();
    assertThatThrownBy(() -> world.create("job"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_IN_USE))
        .hasMessage(
            "Training job names must be unique within an AWS account and region, and a training job"
                + " with this name already exists"
                + " (arn:aws:sagemaker:us-east-1:123456789012:training-job/job)");
    assertThat(world.pokes).isEmpty();
  }

  @Test
  void refusesAtOnceWhatTheMachineIsTooSmallForWhereTypesAreNotFitted() {
    world.restart(new Machine(16_000, 4, List.of()), InstanceTypes.STRICT);
    assertRefused(
        request -> request.resourceConfig(r -> r.instanceType("ml.p2.xlarge").instanceCount(2)),
        ErrorCode.RESOURCE_LIMIT_EXCEEDED,
        "This machine is too small for 2 × ml.p2.xlarge: memory: asked 124,928 MiB, it has 16,000"
            + " MiB for instances; vCPUs: asked 8, it has 4; GPUs: asked 2, it has 0 for"
            + " instances. Larger types are refused here and not fitted (--instance-types"
            + " strict).");
    assertThat(world.pokes).isEmpty();
    assertThat(world.capacity.summary().waiting()).isZero();
    world.create("job");
    assertThat(world.status("job")).isEqualTo("InProgress/Starting");
  }

  @Test
  void aJobHasItsPlaceInTheQueueWhenItIsAccepted() {
    world.create("first");
    world.create("second");
    world.create("third");
    assertThat(world.capacity.summary().running()).isEqualTo(1);
    assertThat(world.capacity.summary().waiting()).isEqualTo(2);
    // Whoever is looked at first, the order stays.
    world.reconciler.reconcile(TrainingWorld.key("third"));
    world.reconciler.reconcile(TrainingWorld.key("second"));
    world.reconciler.reconcile(TrainingWorld.key("first"));
    assertThat(world.status("first")).isEqualTo("InProgress/Downloading");
    assertThat(world.status("second")).isEqualTo("InProgress/Pending");
    assertThat(world.status("third")).isEqualTo("InProgress/Pending");
  }

  @Test
  void refusesInputThatDoesNotExist() {
    world.objects.keys.clear();
    assertRefused(
        request -> request,
        ErrorCode.VALIDATION,
        "No S3 objects found under S3 URL \"s3://data/train\" given in input data source. Please"
            + " ensure that the bucket exists in the selected region (us-east-1), that objects"
            + " exist under that S3 prefix, and that the role"
            + " \"arn:aws:iam::123456789012:role/training\" has \"s3:ListBucket\" permissions on"
            + " bucket \"data\".");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                         | No S3 object found at S3 URL \"s3://data/list\" given as a manifest.",
        "'[\"a\"]'                  | The manifest \"s3://data/list\" does not begin with"
            + " [{\"prefix\": \"s3://bucket/…\"}, ….",
        "'[{\"prefix\":\"s3://data/\"},\"../a\"]' | The manifest \"s3://data/list\" has the name"
            + " \"../a\", which cannot be a file below a folder",
      })
  void refusesAManifestThatCannotBeRead(@Nullable String text, String words) {
    if (text != null) {
      world.objects.keys.add("s3://data/list");
      world.objects.manifests.put("s3://data/list", text);
    }
    assertRefused(
        request -> request.inputDataConfig(manifest("s3://data/list")),
        ErrorCode.VALIDATION,
        "InputDataConfig channel 'listed': " + words);
  }

  @Test
  void takesAManifestThatCanBeRead() {
    world.objects.keys.add("s3://data/list");
    world.objects.manifests.put("s3://data/list", "[{\"prefix\":\"s3://data/train/\"},\"a\"]");
    world.create("job", request -> request.inputDataConfig(manifest("s3://data/list")));
    assertThat(world.reconciler.active()).hasSize(1);
  }

  private static Channel manifest(String uri) {
    return Channel.builder()
        .channelName("listed")
        .dataSource(
            source -> source.s3DataSource(s3 -> s3.s3DataType(S3DataType.MANIFEST_FILE).s3Uri(uri)))
        .build();
  }

  @Test
  void refusesCodeThatDoesNotExist() {
    assertRefused(
        request ->
            request.hyperParameters(
                Map.of("sagemaker_submit_directory", "\"s3://data/code/none.tar.gz\"")),
        ErrorCode.VALIDATION,
        "No S3 objects found under S3 URL \"s3://data/code/none.tar.gz\" given in hyperparameter"
            + " sagemaker_submit_directory. Please ensure that the archive of the code has been"
            + " uploaded.");
  }

  @Test
  void refusesAnOutputBucketThatDoesNotExist() {
    assertRefused(
        request -> request.outputDataConfig(o -> o.s3OutputPath("s3://modles/out")),
        ErrorCode.VALIDATION,
        "OutputDataConfig.S3OutputPath \"s3://modles/out\": there is no bucket \"modles\". Please"
            + " create it first (aws s3 mb s3://modles), or name one that exists.");
    assertThat(world.pokes).isEmpty();
  }

  @Test
  void saysThatTheObjectStoreIsDownRatherThanThatInputIsMissing() {
    world.objects.down = true;
    assertRefused(
        request -> request,
        ErrorCode.SERVICE_UNAVAILABLE,
        "The object store cannot be reached to look for the job's input and output. Please try"
            + " again.");
  }

  @Test
  void reportsEverythingThatTheRuntimeCannotGiveAtOnce() {
    world.runtime.refuseImage("mlp/training", "images need Docker");
    assertRefused(
        request ->
            request
                .enableNetworkIsolation(true)
                .resourceConfig(r -> r.instanceType("ml.m5.huge").instanceCount(1)),
        ErrorCode.VALIDATION,
        "AlgorithmSpecification.TrainingImage: images need Docker;"
            + " ResourceConfig.InstanceType 'ml.m5.huge': expected an instance type such as"
            + " ml.m5.large, or local; EnableNetworkIsolation: the fake runtime cannot cut"
            + " instances off from the network; leave it out");
  }

  @Test
  void namesEveryMemberThatCannotBeRead() {
    assertRefused(
        request ->
            request
                .outputDataConfig(o -> o.s3OutputPath("/tmp/models"))
                .algorithmSpecification(a ->
                    a.trainingImage("image")
                        .metricDefinitions(
                            List.of(
                                MetricDefinition.builder().name("ok").regex("(.)").build(),
                                MetricDefinition.builder().name("bad").regex("a(").build()))),
        ErrorCode.VALIDATION,
        "OutputDataConfig.S3OutputPath '/tmp/models': expected s3://bucket/key;"
            + " AlgorithmSpecification.MetricDefinitions.2.Regex 'a(' of metric 'bad': Unclosed"
            + " group at index 2");
  }

  @Test
  void describesWhatWasAskedFor() {
    world.create(
        "job",
        request ->
            request
                .hyperParameters(Map.of("epochs", "3"))
                .environment(Map.of("MODE", "fast"))
                .stoppingCondition(s -> {}));
    DescribeTrainingJobResponse job = world.describe("job");
    assertThat(job.trainingJobArn())
        .isEqualTo("arn:aws:sagemaker:us-east-1:123456789012:training-job/job");
    assertThat(job.hyperParameters()).containsEntry("epochs", "3");
    assertThat(job.environment()).containsEntry("MODE", "fast");
    assertThat(job.resourceConfig().volumeSizeInGB()).isEqualTo(30);
    assertThat(job.inputDataConfig()).hasSize(1);
    assertThat(job.outputDataConfig().kmsKeyId()).isEmpty();
    assertThat(job.stoppingCondition().maxRuntimeInSeconds()).isEqualTo(86_400);
    assertThat(job.creationTime()).isEqualTo(TrainingWorld.START);
    assertThat(job.secondaryStatusTransitions())
        .singleElement()
        .satisfies(
            phase -> assertThat(phase.statusMessage()).isEqualTo("Starting the training job"));
    assertThat(WireCodec.write(job))
        .contains("\"KmsKeyId\":\"\"")
        .doesNotContain("VpcConfig", "FinalMetricDataList", "FailureReason", "TrainingEndTime");
  }

  @Test
  void answersUnknownJobsAsSageMakerDoes() {
    assertThatThrownBy(() -> world.describe("none")).hasMessage("Requested resource not found.");
    assertThatThrownBy(() -> world.stop("none")).hasMessage("Requested resource not found.");
    world.create("job");
    Caller other = new Caller(new Tenant("210987654321", "us-east-1"), "AKIB", Role.ADMIN);
    assertThatThrownBy(() ->
            world.operations.describe(
                other, DescribeTrainingJobRequest.builder().trainingJobName("job").build()))
        .hasMessage("Requested resource not found.");
  }

  @Test
  void refusesToStopWhatHasEnded() {
    world.create("job");
    world.stop("job");
    world.tick();
    assertThatThrownBy(() -> world.stop("job"))
        .hasMessage("The request was rejected because the training job is in status Stopped.");
  }

  private ListTrainingJobsResponse list(UnaryOperator<ListTrainingJobsRequest.Builder> with) {
    return world.operations.list(
        TrainingWorld.CALLER, with.apply(ListTrainingJobsRequest.builder()).build());
  }

  private static List<String> names(ListTrainingJobsResponse response) {
    return response.trainingJobSummaries().stream()
        .map(TrainingJobSummary::trainingJobName)
        .toList();
  }

  private void createFive() {
    for (String name : List.of("e-1", "d-1", "c-2", "b-2", "a-2")) {
      world.create(name);
      if (!name.equals("d-1")) {
        world.clock.advance(Duration.ofSeconds(1));
      }
    }
    world.stop("c-2");
  }

  @ParameterizedTest
  @CsvSource({
    // d-1 and c-2 have the same creation time: by name then.
    ", , 'e-1,c-2,d-1,b-2,a-2'",
    "CreationTime, Descending, 'a-2,b-2,d-1,c-2,e-1'",
    "Name, Ascending, 'a-2,b-2,c-2,d-1,e-1'",
    "Name, Descending, 'e-1,d-1,c-2,b-2,a-2'",
    "Status, Ascending, 'a-2,b-2,d-1,e-1,c-2'",
  })
  void listsPageByPageInEveryOrder(String sortBy, String sortOrder, String expected) {
    createFive();
    for (int size : new int[] {1, 2, 5}) {
      List<String> seen = new ArrayList<>();
      String token = null;
      do {
        String from = token;
        ListTrainingJobsResponse page =
            list(r -> r.sortBy(sortBy).sortOrder(sortOrder).maxResults(size).nextToken(from));
        seen.addAll(names(page));
        token = page.nextToken();
      } while (token != null);
      assertThat(String.join(",", seen)).isEqualTo(expected);
    }
  }

  @Test
  void listsByNameStatusAndTime() {
    createFive();
    assertThat(names(list(r -> r.nameContains("-2")))).containsExactly("c-2", "b-2", "a-2");
    assertThat(names(list(r -> r.statusEquals("Stopping")))).containsExactly("c-2");
    assertThat(
            names(
                list(r ->
                    r.creationTimeAfter(TrainingWorld.START)
                        .creationTimeBefore(TrainingWorld.START.plusSeconds(3)))))
        .containsExactly("c-2", "d-1", "b-2");
    assertThat(names(list(r -> r.lastModifiedTimeAfter(TrainingWorld.START.plusSeconds(3)))))
        .containsExactly("c-2");
    assertThatThrownBy(() -> list(r -> r.nextToken("nonsense")))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALIDATION));
  }
}
