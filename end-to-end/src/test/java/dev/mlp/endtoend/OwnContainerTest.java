package dev.mlp.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatus;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** A SageMaker-style container that knows nothing of the platform trains and serves. */
class OwnContainerTest {
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir static Path temporary;
  private static TestRuntime.Engine engine;
  private static OwnImage image;
  private static Server server;
  private static Jobs jobs;

  @BeforeAll
  static void start() throws Exception {
    engine = TestRuntime.requireDocker();
    image = OwnImage.build(engine);
    server = Server.start(temporary.resolve("data"));
    jobs = new Jobs(server, image.name());
    jobs.upload("train/a.csv", "0,1\n1,3\n");
    jobs.upload("train/b.csv", "2,5\n3,7\n");
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      jobs.close();
      server.close();
      engine.assertNothingOf(server.id());
      image.close();
    }
  }

  @Test
  void trainsAndServes() throws Exception {
    jobs.create("line", request -> request.inputDataConfig(jobs.channel("train", "train/")));
    DescribeTrainingJobResponse job = jobs.await("line");

    assertThat(job.trainingJobStatus())
        .as(job.failureReason())
        .isEqualTo(TrainingJobStatus.COMPLETED);
    assertThat(job.secondaryStatusTransitions())
        .extracting(transition -> transition.status())
        .contains(SecondaryStatus.DOWNLOADING, SecondaryStatus.TRAINING, SecondaryStatus.UPLOADING);
    Map<String, String> model = entries(jobs.download(job.modelArtifacts().s3ModelArtifacts()));
    assertThat(model.get("model.json")).contains("\"slope\": 2.0").contains("\"intercept\": 1.0");
    assertThat(jobs.log("line")).contains("rows=4; slope=2.000;");

    server
        .mlp("deploy", "--endpoint", "line", "--job", "line", "--image", image.name())
        .run(SOON)
        .orFail();
    assertThat(server.mlp("predict", "--endpoint", "line", "--json", "[10, 20]").run(SOON).orFail())
        .contains("21.0", "41.0");
    // Nobody but this machine reaches it.
    assertThat(
            engine.docker(
                "ps", "--filter", "label=dev.mlp.server=" + server.id(), "--format", "{{.Ports}}"))
        .startsWith("127.0.0.1:");
    server.mlp("endpoints", "delete", "line").run(SOON).orFail();
    assertThat(server.running()).isZero();
  }

  @Test
  void aSecondJobFindsItsChannelsAsTheyWere() throws Exception {
    // The program appends to its channel's files and changes their mode.
    for (String name : List.of("first", "second")) {
      jobs.create(name, request -> request.inputDataConfig(jobs.channel("train", "train/")));
      assertThat(jobs.await(name).trainingJobStatus()).isEqualTo(TrainingJobStatus.COMPLETED);
      assertThat(jobs.log(name)).contains("rows=4; slope=2.000;");
    }
  }

  @Test
  void theFailureFileIsTheReason() throws Exception {
    jobs.create("fails", request -> request.hyperParameters(Map.of("fail", "no convergence")));
    DescribeTrainingJobResponse job = jobs.await("fails");

    assertThat(job.trainingJobStatus()).isEqualTo(TrainingJobStatus.FAILED);
    assertThat(job.failureReason()).contains("AlgorithmError: no convergence", "exit code: 1");
  }

  @Test
  void anEntrypointOfTheRequestReplacesTheImagesOwn() throws Exception {
    jobs.create(
        "entry",
        request ->
            request.algorithmSpecification(algorithm ->
                algorithm
                    .trainingImage(image.name())
                    .trainingInputMode("File")
                    .containerEntrypoint("/bin/sh", "-c")
                    .containerArguments("cat /opt/ml/code/baked.txt; ls -d /opt/ml/*; hostname")));
    assertThat(jobs.await("entry").trainingJobStatus()).isEqualTo(TrainingJobStatus.COMPLETED);
    // What the image has below /opt/ml stays beside what the contract puts there.
    assertThat(jobs.log("entry"))
        .contains("in the image", "/opt/ml/code", "/opt/ml/input", "/opt/ml/model", "algo-1");
  }

  @Test
  void severalHostsFindEachOtherByName() throws Exception {
    jobs.create(
        "pair",
        request ->
            request
                .resourceConfig(
                    resources -> resources.instanceType("local").instanceCount(2).volumeSizeInGB(5))
                .algorithmSpecification(algorithm ->
                    algorithm
                        .trainingImage(image.name())
                        .trainingInputMode("File")
                        .containerEntrypoint("/usr/local/bin/pair")));
    DescribeTrainingJobResponse job = jobs.await("pair");
    assertThat(job.trainingJobStatus())
        .as(job.failureReason())
        .isEqualTo(TrainingJobStatus.COMPLETED);
    assertThat(jobs.log("pair"))
        .contains(
            "algo-1 reached algo-1 200",
            "algo-1 reached algo-2 200",
            "algo-2 reached algo-1 200",
            "algo-2 reached algo-2 200");
  }

  @Test
  void anImageThatIsNowhereFailsTheJobByName() throws Exception {
    jobs.create(
        "nowhere",
        request ->
            request.algorithmSpecification(algorithm ->
                algorithm.trainingImage("127.0.0.1:9/none:1").trainingInputMode("File")));
    DescribeTrainingJobResponse job = jobs.await("nowhere");
    assertThat(job.trainingJobStatus()).isEqualTo(TrainingJobStatus.FAILED);
    assertThat(job.failureReason()).contains("127.0.0.1:9/none:1");
  }

  private static Map<String, String> entries(byte[] archive) throws Exception {
    Map<String, String> entries = new TreeMap<>();
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          entries.put(entry.getName(), new String(tar.readAllBytes(), UTF_8));
        }
      }
    }
    return entries;
  }
}
