package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;

class TrainingJobSpecTest {
  private static TrainingJob job(UnaryOperator<CreateTrainingJobRequest.Builder> with) {
    CreateTrainingJobRequest request =
        with.apply(TrainingWorld.request("Job-1").toBuilder()).build();
    return new TrainingJob(
        TrainingWorld.key("Job-1"),
        new GroupId("train-job-1"),
        TrainingJobDefinition.from(request),
        new TrainingJobState.Preparing(TrainingWorld.START),
        1,
        TrainingWorld.START);
  }

  private static InstanceGroupSpec spec(UnaryOperator<CreateTrainingJobRequest.Builder> with) {
    return TrainingJobSpec.of(
        job(with),
        InstanceCatalogue.LOCAL,
        Path::of,
        host -> Map.of("AWS_ENDPOINT_URL", "http://" + host, "A", "p"));
  }

  @Test
  void stagesChannelsAndCodeAndCollectsTheModelAndTheOutput() {
    InstanceGroupSpec spec =
        spec(request ->
            request
                .hyperParameters(
                    Map.of(
                        "epochs", "3",
                        "sagemaker_submit_directory", "\"s3://data/code/sourcedir.tar.gz\""))
                .environment(Map.of("A", "user", "TRAINING_JOB_NAME", "other")));
    MemberSpec member = spec.members().getFirst();
    assertThat(member.inputs())
        .containsExactly(
            new Input(new S3Address("data", "train"), "input/data/train", Input.Kind.PREFIX),
            new Input(new S3Address("data", "code/sourcedir.tar.gz"), "code", Input.Kind.ARCHIVE));
    assertThat(member.outputs())
        .containsExactly(
            new Output("model", S3Address.parse("s3://models/Job-1/output/model.tar.gz"), true),
            new Output(
                "output/data", S3Address.parse("s3://models/Job-1/output/output.tar.gz"), false));
    assertThat(member.arguments()).containsExactly("train");
    assertThat(member.entrypoint()).isEmpty();
    assertThat(member.failureFile()).isEqualTo("output/failure");
    assertThat(member.resources().memoryMebibytes()).isEqualTo(2048);
    assertThat(member.environment())
        .containsEntry("A", "user")
        .containsEntry("AWS_ENDPOINT_URL", "http://algo-1")
        .containsEntry("TRAINING_JOB_NAME", "Job-1")
        .containsEntry(
            "TRAINING_JOB_ARN", "arn:aws:sagemaker:us-east-1:123456789012:training-job/Job-1")
        .containsEntry("AWS_REGION", "us-east-1");
    assertThat(member.files())
        .containsEntry(
            "input/config/inputdataconfig.json",
            "{\"train\":{\"RecordWrapperType\":\"None\",\"S3DistributionType\":\"FullyReplicated\","
                + "\"TrainingInputMode\":\"File\"}}");
    assertThat(member.files().get("input/config/hyperparameters.json"))
        .contains("\"epochs\":\"3\"");
  }

  @Test
  void readsItsInputsAndWritesItsOwnFolder() {
    StoreScope scope =
        TrainingJobSpec.scope(
            job(request ->
                request.hyperParameters(
                    Map.of("sagemaker_submit_directory", "\"s3://code/sourcedir.tar.gz\""))));
    assertThat(scope)
        .isEqualTo(
            new StoreScope(
                List.of(Area.prefix("data", "train"), Area.object("code", "sourcedir.tar.gz")),
                List.of(Area.prefix("models", "Job-1/"))));
  }

  @ParameterizedTest
  @CsvSource({
    // model_dir, what may be written
    "s3://b/Job-1/model, Job-1/model",
    "'\"s3://b/some/Job-1/model/\"', some/Job-1/model/",
    "'\"s3://b/some/Job-1\"', some/Job-1/",
    "s3://b/Job-1-other/model,",
    "s3://b/shared/model,",
    "s3://b,",
    "s3://,",
    "/opt/ml/model,",
    "'[\"s3://b/Job-1\"]',"
  })
  void writesTheModelFolderThatTheSdkTellsItWhereItIsItsOwn(
      String modelFolder, @Nullable String written) {
    StoreScope scope =
        TrainingJobSpec.scope(
            job(request -> request.hyperParameters(Map.of("model_dir", modelFolder))));
    Area own = Area.prefix("models", "Job-1/");
    assertThat(scope.writable())
        .containsExactlyElementsOf(
            written == null ? List.of(own) : List.of(own, Area.prefix("b", written)));
  }

  @Test
  void doesNotPrintTheEnvironment() {
    InstanceGroupSpec spec = spec(request -> request.environment(Map.of("TOKEN", "hidden")));
    assertThat(spec.members().getFirst().environment()).containsEntry("TOKEN", "hidden");
    assertThat(spec.toString()).contains("algo-1", "mlp/training").doesNotContain("hidden");
  }

  @Test
  void runsTheRequestsOwnCommand() {
    MemberSpec member =
        spec(request ->
                request.algorithmSpecification(a ->
                    a.trainingImage("image")
                        .containerEntrypoint("/bin/bash")
                        .containerArguments("-c", "true")))
            .members()
            .getFirst();
    assertThat(member.entrypoint()).containsExactly("/bin/bash");
    assertThat(member.arguments()).containsExactly("-c", "true");
  }

  @Test
  void everyHostKnowsAllHostsAndTheFirstSavesTheModel() {
    InstanceGroupSpec spec =
        spec(request -> request.resourceConfig(r -> r.instanceType("local").instanceCount(2)));
    assertThat(spec.members()).extracting(MemberSpec::hostName).containsExactly("algo-1", "algo-2");
    assertThat(spec.members().get(1).files().get("input/config/resourceconfig.json"))
        .contains("\"current_host\":\"algo-2\"", "\"hosts\":[\"algo-1\",\"algo-2\"]");
    List<Output> outputs = spec.members().get(1).outputs();
    assertThat(outputs)
        .extracting(output -> output.destination().key())
        .containsExactly("Job-1/output/model-algo-2.tar.gz", "Job-1/output/output-algo-2.tar.gz");
    assertThat(outputs).noneMatch(Output::evenEmpty);
  }
}
