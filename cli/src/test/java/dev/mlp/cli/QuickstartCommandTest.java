package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.sdk.testing.FakeAws.Call;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher is a script that plays the server: it writes the server's two files and points to
 * the fake platform.
 */
class QuickstartCommandTest {
  private static final String BUCKET = "sagemaker-us-east-1-123456789012";

  @TempDir Path home;
  private final Shell shell = new Shell();

  @BeforeEach
  void installs() throws IOException {
    launcher(
        """
        printf '{"pid":%s,"url":"URL","version":"1","startedAt":"t"}' $$ > "$3/server.json"
        printf '{"accessKeyId":"A","secretAccessKey":"s","region":"us-east-1","roleArn":"arn:aws:iam::123456789012:role/mlp","trainingImage":"mlp-training","inferenceImage":"mlp-inference"}' > "$3/credentials.json"
        echo $$ > "HOME/pid"; echo "$3" > "HOME/directory"
        echo "mlp is ready at URL"
        exec sleep 300
        """);
    Path example = home.resolve("examples/titanic");
    Files.createDirectories(example.resolve("target"));
    Files.createDirectories(example.resolve("data"));
    Files.writeString(example.resolve("target/mlp-example-titanic.jar"), "jar");
    Files.writeString(
        example.resolve("data/british-inquiry-1912.csv"), "Class,Sex,Age,Survived,Count\n");
    shell.environment.put("MLP_HOME", home.toString());
    shell
        .aws
        .on("CreateTrainingJob", Reply.json("{'TrainingJobArn':'a'}"))
        .on("DescribeLogStreams", Reply.json("{'logStreams':[]}"))
        .on(
            "DescribeTrainingJob",
            request ->
                job(
                    request.get("TrainingJobName").asText(),
                    "'TrainingJobStatus':'Completed','ModelArtifacts':{'S3ModelArtifacts':'s3://b/m.tar.gz'},'OutputDataConfig':{'S3OutputPath':'s3://b/'},'FinalMetricDataList':[{'MetricName':'test:auc','Value':0.75},{'MetricName':'test:accuracy','Value':0.5},{'MetricName':'threshold','Value':0.25}]"))
        .on("CreateModel", Reply.json("{'ModelArn':'a'}"))
        .on("CreateEndpointConfig", Reply.json("{'EndpointConfigArn':'a'}"))
        .on("CreateEndpoint", Reply.json("{'EndpointArn':'a'}"))
        .on(
            "DescribeEndpoint",
            Reply.json("{'EndpointStatus':'InService','EndpointConfigName':'c'}"),
            Reply.json("{'EndpointStatus':'InService','EndpointConfigName':'c'}"),
            Reply.error(400, "ValidationException", "Could not find endpoint \"x\"."))
        .on(
            "DescribeEndpointConfig",
            Reply.json("{'ProductionVariants':[{'VariantName':'v','ModelName':'m'}]}"))
        .on("DeleteEndpoint", Reply.json("{}"))
        .on("DeleteEndpointConfig", Reply.json("{}"))
        .on("DeleteModel", Reply.json("{}"))
        .onInvoke(call ->
            Reply.of(
                "application/json",
                "{\"predictions\":[{\"probability\":0.9,\"survived\":1},{\"probability\":0.5,\"survived\":1},{\"probability\":0.125,\"survived\":0}]}"));
  }

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    shell.close();
    assertThat(shell.aws.refused()).isEmpty();
  }

  @Test
  void walksThePathAndCleansUp() throws IOException {
    assertThat(shell.run("quickstart", "--output", "json")).isZero();
    Map<?, ?> result = (Map<?, ?>) shell.json();
    assertThat(result.get("auc")).isEqualTo(0.75);
    assertThat(result.get("accuracy")).isEqualTo(0.5);
    assertThat(result.get("threshold")).isEqualTo(0.25);
    assertThat(result.get("endpoint")).isEqualTo("titanic");
    assertThat(result.get("modelArtifacts")).isEqualTo("s3://b/m.tar.gz");
    assertThat(String.valueOf(result.get("trainingJob"))).startsWith("titanic-2");
    assertThat((Double) result.get("seconds")).isPositive();
    assertThat((List<?>) result.get("predictions")).hasSize(3);
    assertThat(result.containsKey("aucMean")).isFalse();
    assertThat(
            shell.aws.calls("CreateTrainingJob").getFirst().at("/HyperParameters/weight").asText())
        .isEqualTo("\"Count\"");
    assertThat(shell.aws.calls().stream().map(Call::operation))
        .contains("DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel");
    assertNothingIsLeft();
  }

  @Test
  void showsTablesAndStepsWithTheirTimes() {
    assertThat(shell.run("quickstart")).isZero();
    assertThat(shell.out())
        .contains("AUC on the test split")
        .contains("0.7500")
        .contains("a boy of the third class   0.500        yes")
        .contains("a man of the crew          0.125        no");
    assertThat(shell.err())
        .containsPattern("start a server +\\d+\\.\\d s")
        .containsPattern("train +\\d+\\.\\d s")
        .containsPattern("clean up +\\d+\\.\\d s");
  }

  @Test
  void readsWhatSeveralSplitsGaveFromTheJobsOutput() throws IOException {
    Path csv =
        Files.writeString(
            home.resolve("titanic.csv"),
            "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n");
    shell.aws.on(
        "CreateTrainingJob",
        request -> {
          shell
              .aws
              .s3()
              .objects()
              .put(
                  "b/" + request.get("TrainingJobName").asText() + "/output/output.tar.gz",
                  tarGz(
                      "metrics.json",
                      "{\"aucMean\":0.5,\"aucStd\":0.25,\"accuracyMean\":0.75,\"accuracyStd\":0.125,\"x\":[1]}"));
          return Reply.json("{'TrainingJobArn':'a'}");
        });
    assertThat(shell.run("quickstart", "--data", csv.toString(), "--splits", "3", "-o", "json"))
        .isZero();
    Map<?, ?> result = (Map<?, ?>) shell.json();
    assertThat(result.get("aucMean")).isEqualTo(0.5);
    assertThat(result.get("accuracyStd")).isEqualTo(0.125);
    assertThat(
            shell.aws.calls("CreateTrainingJob").getFirst().at("/HyperParameters/splits").asText())
        .isEqualTo("3");
    assertThat(shell.aws.calls("InvokeEndpoint").getFirst().get("body").asText())
        .contains("\"Pclass\": 1");
    assertNothingIsLeft();
  }

  @Test
  void cleansUpAfterAFailureToo() throws IOException {
    shell.aws.on(
        "DescribeTrainingJob",
        request ->
            job(
                request.get("TrainingJobName").asText(),
                "'TrainingJobStatus':'Failed','FailureReason':'no memory'"));
    assertThat(shell.run("quickstart", "--keep")).isEqualTo(1);
    assertThat(shell.err().lines().filter(l -> l.startsWith("mlp: ")).toList())
        .singleElement()
        .asString()
        .contains("no memory");
    assertThat(shell.out()).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void saysHowToRemoveWhatItKeeps() throws IOException {
    assertThat(shell.run("quickstart", "--keep")).isZero();
    long pid = pid();
    try {
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(directory()).isDirectory();
      assertThat(shell.err())
          .contains("mlp env --data-dir " + directory())
          .contains("kill " + pid)
          .contains("rm -r " + directory());
      assertThat(shell.aws.calls("DeleteEndpoint")).isEmpty();
    } finally {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      for (String file : List.of("server.json", "credentials.json", "server.log")) {
        Files.delete(directory().resolve(file));
      }
      Files.delete(directory());
    }
  }

  @Test
  void showsWhatAServerSaidThatDoesNotStart() throws IOException {
    launcher("echo 'address already in use'; exit 3\n");
    assertThat(shell.run("quickstart")).isEqualTo(1);
    assertThat(shell.err()).contains("exit code 3: address already in use");
  }

  @Test
  void refusesAFileItDoesNotKnowBeforeAnythingIsStarted() throws IOException {
    Path csv = Files.writeString(home.resolve("other.csv"), "a,b\n");
    assertThat(shell.run("quickstart", "--data", csv.toString())).isEqualTo(2);
    assertThat(shell.err()).contains("mlp train").hasLineCount(1);
    assertThat(shell.run("quickstart", "--splits", "0")).isEqualTo(2);
    assertThat(shell.run("quickstart", "--data-dir", home.toString())).isEqualTo(2);
    assertThat(shell.err()).contains("unknown option '--data-dir'").hasLineCount(1);
    assertThat(home.resolve("pid")).doesNotExist();
  }

  private void launcher(String script) throws IOException {
    Path launcher =
        Files.writeString(
            home.resolve("mlp"),
            "#!/bin/sh\n"
                + script
                    .replace("URL", shell.aws.url().toString())
                    .replace("HOME", home.toString()));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(ProcessHandle.of(pid()).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(directory()).doesNotExist();
    assertThat(shell.aws.s3().objects().keySet()).noneMatch(key -> key.startsWith(BUCKET));
  }

  private long pid() throws IOException {
    return Long.parseLong(Files.readString(home.resolve("pid")).strip());
  }

  private Path directory() throws IOException {
    return Path.of(Files.readString(home.resolve("directory")).strip());
  }

  private static Reply job(String name, String rest) {
    return Reply.json("{'TrainingJobName':'" + name + "'," + rest + "}");
  }

  private static byte[] tarGz(String name, String content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      byte[] text = content.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(text.length);
      tar.putArchiveEntry(entry);
      tar.write(text);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
