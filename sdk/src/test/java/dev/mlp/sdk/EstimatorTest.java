package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlp.sdk.testing.FakeAws;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.ResourceInUseException;

class EstimatorTest {
  private static final String BUCKET = "sagemaker-us-east-1-123456789012";

  @TempDir Path folder;
  private final Platform platform = new Platform();
  private final List<String> heard = new ArrayList<>();
  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void submitted(String jobName) {
          heard.add("submitted");
        }

        @Override
        public void status(String status, String message) {
          heard.add(status + ":" + message);
        }

        @Override
        public void log(LogLine line) {
          heard.add(line.message());
        }
      };

  @BeforeEach
  void acceptsJobs() {
    platform
        .aws
        .on("CreateTrainingJob", Reply.json("{'TrainingJobArn':'arn:aws:x'}"))
        .on("DescribeLogStreams", Reply.json("{'logStreams':[]}"));
  }

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    platform.close();
    assertThat(platform.aws.refused()).isEmpty();
  }

  @Test
  void sendsAProgramWithItsFolderAndData() throws IOException {
    Path source = Files.createDirectories(folder.resolve("src"));
    Files.writeString(source.resolve("train.py"), "print(1)");
    Files.writeString(source.resolve("lib.py"), "x");
    Path data = Files.writeString(folder.resolve("train.csv"), "1,2");

    TrainingJob job =
        estimator()
            .entryPoint(Path.of("train.py"))
            .sourceDir(source)
            .hyperparameters(Map.of("epochs", 3, "name", "abc"))
            .environment(Map.of("A", "b"))
            .metricDefinitions(Map.of("auc", "auc=(\\S+);"))
            .instanceType("ml.m5.xlarge")
            .instanceCount(2)
            .maxRuntime(Duration.ofHours(2))
            .tags(Map.of("team", "x"))
            .build()
            .fit(Map.of("train", data, "test", "s3://elsewhere/test"), false);

    assertThat(job.name()).isEqualTo("mlp-training-2026-01-31-12-00-00-000");
    String archive = BUCKET + "/" + job.name() + "/source/sourcedir.tar.gz";
    Path fetched = Files.write(folder.resolve("fetched"), platform.aws.s3().objects().get(archive));
    assertThat(ArchivesTest.contents(fetched))
        .containsExactly(Map.entry("lib.py", "x"), Map.entry("train.py", "print(1)"));
    assertThat(platform.aws.s3().text(BUCKET + "/" + job.name() + "/input/train/train.csv"))
        .contains("1,2");
    JsonNode sent = platform.aws.calls("CreateTrainingJob").getFirst();
    assertThat(sent.toString())
        .isEqualTo(
            "{'TrainingJobName':'NAME','HyperParameters':{'epochs':'3','name':'\\'abc\\'','sagemaker_container_log_level':'20','sagemaker_job_name':'\\'NAME\\'','sagemaker_program':'\\'train.py\\'','sagemaker_region':'\\'us-east-1\\'','sagemaker_submit_directory':'\\'s3://ARCHIVE\\''},'AlgorithmSpecification':{'TrainingImage':'mlp-training','TrainingInputMode':'File','MetricDefinitions':[{'Name':'auc','Regex':'auc=(\\\\S+);'}]},'RoleArn':'arn:aws:iam::123456789012:role/mlp','InputDataConfig':[{'ChannelName':'test','DataSource':{'S3DataSource':{'S3DataType':'S3Prefix','S3Uri':'s3://elsewhere/test','S3DataDistributionType':'FullyReplicated'}}},{'ChannelName':'train','DataSource':{'S3DataSource':{'S3DataType':'S3Prefix','S3Uri':'s3://BUCKET/NAME/input/train/','S3DataDistributionType':'FullyReplicated'}}}],'OutputDataConfig':{'S3OutputPath':'s3://BUCKET/'},'ResourceConfig':{'InstanceType':'ml.m5.xlarge','InstanceCount':2,'VolumeSizeInGB':30},'StoppingCondition':{'MaxRuntimeInSeconds':7200},'Tags':[{'Key':'team','Value':'x'}],'Environment':{'A':'b'}}"
                .replace('\'', '"')
                .replace("ARCHIVE", archive)
                .replace("NAME", job.name())
                .replace("BUCKET", BUCKET));
  }

  @Test
  void followsTheJobToItsEndWithEachChangeAndLineOnce() {
    List<String> log = new ArrayList<>(List.of("one"));
    platform
        .aws
        .on("DescribeLogStreams", Reply.json("{'logStreams':[{'logStreamName':'j/algo-1'}]}"))
        .on("GetLogEvents", request -> LogFollowerTest.page(log, request, 10))
        .on(
            "DescribeTrainingJob",
            job(
                "InProgress",
                "{'Status':'Starting','StatusMessage':'Starting the job','StartTime':1}"),
            job(
                "InProgress",
                "{'Status':'Starting','StatusMessage':'Waiting for memory','StartTime':1}"),
            job(
                "InProgress",
                "{'Status':'Starting','StatusMessage':'Waiting for memory','StartTime':1},{'Status':'Downloading','StatusMessage':'d','StartTime':1},{'Status':'Training','StatusMessage':'t','StartTime':1}"),
            job(
                "Completed",
                "{'Status':'Starting','StatusMessage':'Waiting for memory','StartTime':1},{'Status':'Downloading','StatusMessage':'d','StartTime':1},{'Status':'Training','StatusMessage':'t','StartTime':1},{'Status':'Completed','StatusMessage':'c','StartTime':1}"));
    estimator().build().fit(Map.of("train", "s3://b/d"), listener);
    assertThat(heard)
        .containsExactly(
            "submitted",
            "Starting:Starting the job",
            "one",
            "Starting:Waiting for memory",
            "Downloading:d",
            "Training:t",
            "Completed:c");
    assertThat(platform.pauses).hasSize(3).containsOnly(Duration.ofMillis(100));
  }

  @Test
  void readsWhatWasWrittenJustBeforeTheEnd() {
    platform
        .aws
        .on("DescribeLogStreams", Reply.json("{'logStreams':[{'logStreamName':'j/algo-1'}]}"))
        .on("GetLogEvents", request -> LogFollowerTest.page(List.of("last"), request, 10))
        .on("DescribeTrainingJob", job("Completed", ""));
    estimator().build().fit(Map.of(), listener);
    assertThat(heard).containsExactly("submitted", "last");
  }

  @Test
  void throwsTheReasonOfAFailure() {
    platform.aws.on(
        "DescribeTrainingJob",
        Reply.json(
            "{'TrainingJobName':'j','TrainingJobStatus':'Failed','FailureReason':'AlgorithmError: exit code 3'}"));
    assertThatThrownBy(() -> estimator().build().fit(Map.of(), listener))
        .isInstanceOfSatisfying(
            TrainingJobFailedException.class,
            e -> assertThat(e.failureReason()).isEqualTo("AlgorithmError: exit code 3"));
  }

  @Test
  void attachesToAJobAndDeploysItsModel() {
    platform
        .aws
        .on(
            "DescribeTrainingJob",
            Reply.json(
                "{'TrainingJobName':'j','TrainingJobStatus':'Completed','ModelArtifacts':{'S3ModelArtifacts':'s3://b/j/output/model.tar.gz'}}"))
        .on("CreateModel", Reply.json("{'ModelArn':'a'}"))
        .on("CreateEndpointConfig", Reply.json("{'EndpointConfigArn':'a'}"))
        .on("CreateEndpoint", Reply.json("{'EndpointArn':'a'}"))
        .on("DescribeEndpoint", Reply.json("{'EndpointStatus':'InService'}"));
    Predictor predictor = Estimator.attach(platform.session, "j").deploy(1, "ml.m5.large");
    assertThat(predictor.endpointName()).startsWith("j-2026-01-31-12-00-00");
    assertThat(
            platform
                .aws
                .calls("CreateModel")
                .getFirst()
                .at("/PrimaryContainer/ModelDataUrl")
                .asText())
        .isEqualTo("s3://b/j/output/model.tar.gz");
  }

  @Test
  void tellsEveryProblemBeforeAnythingIsSent() {
    assertThatThrownBy(() ->
            estimator()
                .jobName("no_good")
                .role("me")
                .image("with space")
                .hyperparameters(Map.of("k", "v".repeat(2501)))
                .environment(Map.of("1A", "b"))
                .metricDefinitions(Map.of("auc", "("))
                .instanceCount(0)
                .instanceType("m5.large")
                .maxRuntime(Duration.ofDays(29))
                .outputPath("out")
                .build()
                .plan(Map.of("tr ain", "s3://b/d", "val", folder.resolve("missing"))))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e ->
                assertThat(String.join("\n", e.problems()))
                    .contains("no_good", "'me'", "with space", "2501", "'1A'", "'auc'", "not 0")
                    .contains("'m5.large'", "28 days", "'out'", "'tr ain'", "missing"));
    assertThat(platform.aws.calls()).isEmpty();
    assertThat(platform.aws.s3().puts()).isEmpty();
  }

  @Test
  void saysWhatToSetWhereThereIsNoRoleOrImage() {
    try (FakeAws aws = new FakeAws();
        Session bare =
            Session.builder()
                .environment(
                    Map.of(
                        "AWS_ENDPOINT_URL", aws.url().toString(),
                        "AWS_REGION", "us-east-1",
                        "AWS_ACCESS_KEY_ID", "i",
                        "AWS_SECRET_ACCESS_KEY", "s"))
                .build()) {
      assertThatThrownBy(() -> Estimator.builder().session(bare).build().plan(Map.of()))
          .hasMessageContaining("MLP_ROLE_ARN")
          .hasMessageContaining("MLP_TRAINING_IMAGE");
    }
  }

  @Test
  void passesOnWhatThePlatformRefuses() {
    platform.aws.on("CreateTrainingJob", Reply.error(400, "ResourceInUse", "already exists"));
    assertThatThrownBy(() -> estimator().jobName("j").build().fit(Map.of()))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("already exists");
  }

  @Test
  void takesATypeOfTheServersOwnThatIsAWord() throws IOException {
    Path program = Files.writeString(folder.resolve("train.py"), "print(1)");
    TrainingPlan plan =
        estimator().entryPoint(program).instanceType("local").build().plan(Map.of());
    assertThat(plan.request().resourceConfig().instanceTypeAsString()).isEqualTo("local");
  }

  @Test
  void leavesTheUploadsOfTheJobAloneThatHasTheName() throws IOException {
    Path program = Files.writeString(folder.resolve("train.py"), "print(2)");
    Estimator estimator = estimator().entryPoint(program).jobName("j").build();
    platform.aws.on(
        "DescribeTrainingJob",
        Reply.error(400, "ValidationException", "Requested resource not found."),
        Reply.json("{'TrainingJobName':'j','TrainingJobArn':'arn:aws:j'}"));
    estimator.fit(Map.of("train", program), false);
    List<String> uploads = List.copyOf(platform.aws.s3().puts());
    assertThat(uploads).hasSize(2);
    assertThatThrownBy(() -> estimator.fit(Map.of("train", program), false))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("must be unique")
        .hasMessageContaining("arn:aws:j");
    assertThat(platform.aws.s3().puts()).isEqualTo(uploads);
    assertThat(platform.aws.calls("CreateTrainingJob")).hasSize(1);
  }

  @Test
  void plansARequestWithPathsAndFillsInWhatIsMissing() throws IOException {
    Path code = Files.createDirectories(folder.resolve("code"));
    Files.writeString(code.resolve("run.sh"), "echo");
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/a.csv"), "1");
    CreateTrainingJobRequest written =
        CreateTrainingJobRequest.builder()
            .hyperParameters(
                Map.of("sagemaker_submit_directory", "code", "sagemaker_program", "run.sh"))
            .inputDataConfig(
                Channel.builder()
                    .channelName("train")
                    .dataSource(d -> d.s3DataSource(s -> s.s3DataType("S3Prefix").s3Uri("./data")))
                    .build())
            .build();
    TrainingPlan plan = TrainingPlan.of(platform.session, written, folder, "mine");
    assertThat(plan.jobName()).startsWith("mine-2026");
    assertThat(platform.aws.s3().objects()).isEmpty();
    plan.submit(TrainingListener.SILENT);
    assertThat(platform.aws.s3().objects().keySet())
        .containsExactly(
            BUCKET + "/" + plan.jobName() + "/input/train/a.csv",
            BUCKET + "/" + plan.jobName() + "/source/sourcedir.tar.gz");
    JsonNode sent = platform.aws.calls("CreateTrainingJob").getFirst();
    assertThat(sent.at("/HyperParameters/sagemaker_submit_directory").asText())
        .isEqualTo("\"s3://" + BUCKET + "/" + plan.jobName() + "/source/sourcedir.tar.gz\"");
    assertThat(sent.at("/ResourceConfig/InstanceType").asText()).isEqualTo("ml.m5.large");
  }

  private Estimator.Builder estimator() {
    return Estimator.builder().session(platform.session);
  }

  private static Reply job(String status, String transitions) {
    return Reply.json(
        "{'TrainingJobName':'j','TrainingJobStatus':'"
            + status
            + "','SecondaryStatusTransitions':["
            + transitions
            + "]}");
  }
}
