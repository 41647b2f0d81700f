package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final String BUCKET = "sagemaker-us-east-1-123456789012";

  @TempDir Path folder;
  private final Shell shell = new Shell();
  private int polls;

  @BeforeEach
  void jobsComplete() throws IOException {
    Files.writeString(folder.resolve("train.py"), "print(1)");
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/train.csv"), "1,2");
    shell
        .aws
        .on("CreateTrainingJob", Reply.json("{'TrainingJobArn':'a'}"))
        .on("DescribeLogStreams", Reply.json("{'logStreams':[{'logStreamName':'j/algo-1'}]}"))
        .on(
            "GetLogEvents",
            request ->
                Reply.json(
                    request.has("nextToken")
                        ? "{'events':[],'nextForwardToken':'t'}"
                        : "{'events':[{'timestamp':1,'message':'hello'}],'nextForwardToken':'t'}"))
        .on(
            "DescribeTrainingJob",
            request ->
                shell.aws.calls("CreateTrainingJob").isEmpty()
                    ? Reply.error(400, "ValidationException", "Requested resource not found.")
                    : polls++ == 0
                        ? Reply.json("{'TrainingJobName':'j','TrainingJobStatus':'InProgress'}")
                        : Reply.json(
                            "{'TrainingJobName':'j','TrainingJobStatus':'Completed','ModelArtifacts':{'S3ModelArtifacts':'s3://b/m.tar.gz'},'FinalMetricDataList':[{'MetricName':'auc','Value':0.5,'Timestamp':1}]}"));
  }

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    shell.close();
    assertThat(shell.aws.refused()).isEmpty();
  }

  @Test
  void trainsAProgramWithAllItsOptions() {
    assertThat(
            shell.run(
                "train",
                "--entry",
                folder.resolve("train.py").toString(),
                "--name",
                "j",
                "--channel",
                "train=" + folder.resolve("data"),
                "--channel",
                "more=s3://b/p=q",
                "--hyperparameter",
                "epochs=3",
                "--hyperparameter",
                "lr=0.01",
                "--hyperparameter",
                "name=a=b",
                "--hyperparameter",
                "flag=true",
                "--env",
                "A=1",
                "--metric",
                "auc=auc=([0-9.]+);",
                "--instance-type",
                "ml.m5.xlarge",
                "--instance-count",
                "2",
                "--output-path",
                "s3://b/out",
                "--max-runtime",
                "2h",
                "--tag",
                "team=x"))
        .isZero();
    assertThat(shell.out())
        .containsOnlyOnce("hello")
        .contains("auc     0.5")
        .contains("j is Completed")
        .contains("s3://b/m.tar.gz");
    JsonNode sent = created();
    assertThat(sent.at("/HyperParameters/epochs").asText()).isEqualTo("3");
    assertThat(sent.at("/HyperParameters/lr").asText()).isEqualTo("0.01");
    assertThat(sent.at("/HyperParameters/name").asText()).isEqualTo("\"a=b\"");
    assertThat(sent.at("/HyperParameters/flag").asText()).isEqualTo("true");
    assertThat(sent.at("/HyperParameters/sagemaker_program").asText()).isEqualTo("\"train.py\"");
    assertThat(sent.at("/InputDataConfig/0/DataSource/S3DataSource/S3Uri").asText())
        .isEqualTo("s3://b/p=q");
    assertThat(sent.at("/AlgorithmSpecification/MetricDefinitions/0/Regex").asText())
        .isEqualTo("auc=([0-9.]+);");
    assertThat(sent.at("/StoppingCondition/MaxRuntimeInSeconds").asInt()).isEqualTo(7200);
    assertThat(shell.aws.s3().text(BUCKET + "/j/input/train/train.csv")).contains("1,2");
  }

  @Test
  void printsOneDocumentAndTheLogBesideIt() {
    assertThat(
            shell.run(
                "train", "--entry", folder.resolve("train.py").toString(), "--output", "json"))
        .isZero();
    assertThat(((Map<?, ?>) shell.json()).get("TrainingJobStatus")).isEqualTo("Completed");
    assertThat(shell.err()).contains("hello");
    assertThat(created().get("TrainingJobName").asText()).startsWith("train-2");
  }

  @Test
  void exitsWithTheJobsFailure() {
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.json(
            "{'TrainingJobName':'j','TrainingJobStatus':'Failed','FailureReason':'AlgorithmError: exit code 3\\nlast line'}"));
    assertThat(shell.run("train", "--entry", folder.resolve("train.py").toString())).isEqualTo(1);
    assertThat(shell.err().lines().filter(l -> l.startsWith("mlp: ")))
        .containsExactly(
            "mlp: training job j ended in Failed: AlgorithmError: exit code 3 | last line; its log: mlp jobs logs j");
  }

  @Test
  void doesNotWaitWhenDetached() {
    assertThat(
            shell.run(
                "train",
                "--entry",
                folder.resolve("train.py").toString(),
                "--name",
                "j",
                "--detach"))
        .isZero();
    assertThat(shell.out()).isEqualTo("j\n");
    assertThat(shell.err()).contains("mlp jobs logs --follow j").contains("mlp jobs stop j");
    assertThat(shell.aws.calls("GetLogEvents")).isEmpty();
  }

  @Test
  void readsARequestInYamlWithPathsBesideIt() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            TrainingJobName: from-yaml
            HyperParameters: {epochs: 3, rate: 0.10, flag: yes, sagemaker_program: train.py, sagemaker_submit_directory: .}
            InputDataConfig:
            - ChannelName: train
              DataSource: {S3DataSource: {S3DataType: S3Prefix, S3Uri: ./data/train.csv}}
            StoppingCondition: {MaxRuntimeInSeconds: 60}
            EnableManagedSpotTraining: false
            """);
    assertThat(shell.run("train", "-f", file.toString())).isZero();
    JsonNode sent = created();
    assertThat(sent.at("/HyperParameters/epochs").asText()).isEqualTo("3");
    assertThat(sent.at("/HyperParameters/rate").asText()).isEqualTo("0.10");
    assertThat(sent.at("/HyperParameters/flag").asText()).isEqualTo("yes");
    assertThat(sent.at("/InputDataConfig/0/DataSource/S3DataSource/S3Uri").asText())
        .isEqualTo("s3://" + BUCKET + "/from-yaml/input/train/");
    assertThat(sent.at("/StoppingCondition/MaxRuntimeInSeconds").asInt()).isEqualTo(60);
    assertThat(sent.get("EnableManagedSpotTraining").asBoolean(true)).isFalse();
    assertThat(shell.aws.s3().objects().keySet())
        .containsExactly(
            BUCKET + "/from-yaml/input/train/train.csv",
            BUCKET + "/from-yaml/source/sourcedir.tar.gz");
  }

  @Test
  void readsARequestInJson() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mine.json"),
            "{\"AlgorithmSpecification\":{\"TrainingImage\":\"own\",\"TrainingInputMode\":\"File\"},\"ResourceConfig\":{\"InstanceCount\":3}}");
    assertThat(shell.run("train", "-f", file.toString())).isZero();
    assertThat(created().get("TrainingJobName").asText()).startsWith("mine-");
    assertThat(created().at("/ResourceConfig/InstanceCount").asInt()).isEqualTo(3);
    assertThat(created().at("/AlgorithmSpecification/TrainingImage").asText()).isEqualTo("own");
  }

  @Test
  void namesEveryWrongFieldAndSendsNothing() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            TrainingJobNam: x
            ResourceConfig: {InstanceCount: many}
            InputDataConfig: {a: b}
            StoppingCondition: 3
            """);
    assertThat(shell.run("train", "-f", file.toString())).isEqualTo(2);
    assertThat(shell.err())
        .hasLineCount(1)
        .contains("unknown field TrainingJobNam; did you mean 'TrainingJobName'?")
        .contains("ResourceConfig.InstanceCount must be a number, not many")
        .contains("InputDataConfig must be a list")
        .contains("StoppingCondition must be a group of fields");
    assertThat(shell.aws.calls()).isEmpty();
  }

  @Test
  void saysWhatIsWrongWithWhatWasAsked() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.yaml"), "a: [1,\nb: }");
    assertFailsWith("broken.yaml cannot be read at line 2", "train", "-f", broken.toString());
    assertFailsWith("there is no file", "train", "-f", folder.resolve("none.yaml").toString());
    assertFailsWith(
        "is empty", "train", "-f", Files.writeString(folder.resolve("e.yaml"), "").toString());
    assertFailsWith("what to train?", "train");
    assertFailsWith("leave out --entry", "train", "-f", broken.toString(), "--entry", "x.py");
    String entry = folder.resolve("train.py").toString();
    assertFailsWith("30m, 2h or 1d, not soon", "train", "--entry", entry, "--max-runtime", "soon");
    assertFailsWith(
        "no file or folder", "train", "--entry", entry, "--channel", "a=" + folder.resolve("none"));
    assertFailsWith("the job name 'a_b'", "train", "--entry", entry, "--name", "a_b");
    assertFailsWith(
        "the entry point is not a file", "train", "--entry", folder.resolve("none.py").toString());
    assertFailsWith(
        "--channel takes NAME=PATH or NAME=s3://…, not 'train'",
        "train",
        "--entry",
        entry,
        "--channel",
        "train");
    assertFailsWith(
        "--entry takes a .jar, .py or .sh file, not big.bin", "train", "--entry", "big.bin");
    for (String option : List.of("--channel", "--hyperparameter", "--env", "--metric", "--tag")) {
      assertFailsWith(" a is given twice", "train", "--entry", entry, option, "a=x", option, "a=y");
      assertFailsWith(option + " takes ", "train", "--entry", entry, option, "foo", option, "foo");
    }
    assertThat(shell.aws.calls()).isEmpty();
    assertThat(shell.aws.s3().puts()).isEmpty();
  }

  @Test
  void readsTimes() {
    assertThat(TrainCommand.duration("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(TrainCommand.duration("90")).isEqualTo(Duration.ofSeconds(90));
    assertThat(TrainCommand.duration("30m")).isEqualTo(Duration.ofMinutes(30));
    assertThat(TrainCommand.duration("1d")).isEqualTo(Duration.ofDays(1));
  }

  private void assertFailsWith(String message, String... args) {
    assertThat(shell.run(args)).isEqualTo(2);
    assertThat(shell.err()).contains(message).hasLineCount(1);
    assertThat(shell.out()).isEmpty();
  }

  private JsonNode created() {
    return shell.aws.calls("CreateTrainingJob").getLast();
  }
}
