package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** What docs/security.md says of a hostile training script in a container, line by line. */
class HostileScriptTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PIDS = 256;
  private static final String MARK = "PROBE ";
  private static final Map<String, Integer> runs = new HashMap<>();

  @TempDir static Path temporary;
  private static TestRuntime.Engine engine;
  private static OwnImage image;
  private static Server server;
  private static Jobs jobs;

  @BeforeAll
  static void start() throws Exception {
    engine = TestRuntime.requireDocker();
    image = OwnImage.build(engine);
    Path data = Files.createDirectories(temporary.resolve("data"));
    Files.writeString(data.resolve("mlp.yaml"), "pids-limit: " + PIDS + "\n");
    server = Server.start(data);
    jobs = new Jobs(server, image.name());
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
  void theSystemIsOutOfReach() throws Exception {
    List<JsonNode> said =
        probe(
            "system",
            Map.of(
                "pid", Long.toString(ProcessHandle.current().pid()),
                "directory", server.dataDirectory().toString()),
            request -> {});

    JsonNode status = said.getFirst();
    assertThat(status.get("no_new_privs").asText()).isEqualTo("1");
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, NET_BIND_SERVICE.
    assertThat(Long.parseLong(status.get("bounding").asText(), 16)).isEqualTo(0x4fbL);
    assertThat(results(said))
        .isEqualTo(
            Map.of(
                "mount a file system", "refused",
                "make a device", "refused",
                "open a raw socket", "refused",
                "see the engine's socket", "refused",
                "set the clock", "refused",
                "change the host's kernel settings", "refused",
                "see another process of the machine", "refused",
                "read the data directory", "refused"));
    JsonNode last = said.getLast();
    assertThat(last.get("processes").asInt()).isLessThan(5);
    List<String> environment =
        StreamSupport.stream(last.get("environment").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertThat(environment).contains("AWS_ACCESS_KEY_ID").noneMatch(name -> name.startsWith("MLP"));
  }

  @Test
  void otherInstancesAndTheServersOwnPortsAreOutOfReach() throws Exception {
    jobs.create("victim", request -> {});
    assertThat(jobs.await("victim").trainingJobStatus()).isEqualTo(TrainingJobStatus.COMPLETED);
    server
        .mlp("deploy", "--endpoint", "victim", "--job", "victim", "--image", image.name())
        .run(java.time.Duration.ofMinutes(2))
        .orFail();
    String container = engine.containers(server.id(), "running").getFirst();
    String address =
        engine
            .docker(
                "inspect",
                "--format",
                "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}{{end}}",
                container)
            .strip();
    String victim = address.substring(0, address.indexOf(' '));
    String gateway = address.substring(address.indexOf(' ') + 1);
    String published =
        engine.docker("port", container, "8080/tcp").lines().findFirst().orElseThrow();
    int platform = URI.create(server.url()).getPort();

    List<JsonNode> said =
        probe(
            "network",
            Map.of(
                "addresses",
                String.join(
                    ",",
                    victim + ":8080",
                    gateway + ":" + published.substring(published.lastIndexOf(':') + 1),
                    "127.0.0.1:" + platform,
                    gateway + ":" + platform)),
            request -> {});
    server.mlp("endpoints", "delete", "victim").run(java.time.Duration.ofMinutes(2)).orFail();

    assertThat(results(said).values()).containsOnlyOnce("done");
    // The platform's own address for instances is the one thing that answers.
    assertThat(results(said)).containsEntry("connect to " + gateway + ":" + platform, "done");
  }

  @Test
  void networkIsolationLeavesNothingToConnectTo() throws Exception {
    String gateway =
        engine.docker(
            "network",
            "ls",
            "--filter",
            "label=dev.mlp.server=" + server.id(),
            "--format",
            "{{.Name}}");
    String address =
        engine.docker(
            "network",
            "inspect",
            "--format",
            "{{range .IPAM.Config}}{{.Gateway}}{{end}}",
            gateway.lines().findFirst().orElseThrow());
    List<JsonNode> said =
        probe(
            "network",
            Map.of("addresses", address + ":" + URI.create(server.url()).getPort()),
            request -> request.enableNetworkIsolation(true));

    assertThat(results(said).values()).containsExactly("refused");
  }

  @Test
  void theInstancesKeyOpensItsInputsAndItsOutputsAndNothingElse() throws Exception {
    jobs.upload("mine/a.csv", "1,1\n");
    jobs.upload("others/a.csv", "2,2\n");
    List<JsonNode> said =
        probe(
            "credentials",
            Map.of(
                "read", "jobs/mine/a.csv,jobs/others/a.csv",
                "write", "jobs/output/probe-credentials/x,jobs/mine/a.csv,jobs/output/other/x"),
            request -> request.inputDataConfig(jobs.channel("train", "mine/")));

    Map<String, Integer> statuses = new HashMap<>();
    said.forEach(line -> statuses.put(line.get("attempt").asText(), line.get("status").asInt()));
    assertThat(statuses)
        .isEqualTo(
            Map.of(
                "read jobs/mine/a.csv", 200,
                "read jobs/others/a.csv", 403,
                "write jobs/output/probe-credentials/x", 200,
                "write jobs/mine/a.csv", 403,
                "write jobs/output/other/x", 403,
                "ListTrainingJobs", 403,
                "DeleteModel", 403));
  }

  @Test
  void aForkBombEndsAtTheLimitOfProcesses() throws Exception {
    List<JsonNode> said = probe("fork", Map.of(), request -> {});

    assertThat(said.getFirst().get("result").asText()).isEqualTo("refused");
    assertThat(said.getFirst().get("children").asInt()).isLessThan(PIDS);
  }

  @Test
  void memoryIsBoundedAndTheReasonIsTold() throws Exception {
    DescribeTrainingJobResponse job = fails("memory", Map.of(), request -> {});

    assertThat(job.failureReason()).contains("out of memory");
  }

  @Test
  void aChildThatIsKilledForMemoryIsToldToo() throws Exception {
    DescribeTrainingJobResponse job = fails("memory", Map.of("child", "1"), request -> {});

    assertThat(job.failureReason()).contains("out of memory");
  }

  @Test
  void aJobThatWritesMoreThanItsVolumeFailsByName() throws Exception {
    DescribeTrainingJobResponse job =
        fails(
            "disk",
            Map.of("mebibytes", "1200"),
            request ->
                request.resourceConfig(resources ->
                    resources.instanceType("local").instanceCount(1).volumeSizeInGB(1)));

    assertThat(job.failureReason()).contains("VolumeSizeInGB");
  }

  private static List<JsonNode> probe(
      String probe,
      Map<String, String> hyperparameters,
      Consumer<CreateTrainingJobRequest.Builder> further)
      throws Exception {
    DescribeTrainingJobResponse job = run(probe, hyperparameters, further);
    assertThat(job.trainingJobStatus())
        .as(job.failureReason())
        .isEqualTo(TrainingJobStatus.COMPLETED);
    List<JsonNode> said = new ArrayList<>();
    for (String line : jobs.log(job.trainingJobName())) {
      if (line.startsWith(MARK)) {
        said.add(JSON.readTree(line.substring(MARK.length())));
      }
    }
    assertThat(said).isNotEmpty();
    return said;
  }

  private static DescribeTrainingJobResponse fails(
      String probe,
      Map<String, String> hyperparameters,
      Consumer<CreateTrainingJobRequest.Builder> further)
      throws Exception {
    DescribeTrainingJobResponse job = run(probe, hyperparameters, further);
    assertThat(job.trainingJobStatus()).isEqualTo(TrainingJobStatus.FAILED);
    return job;
  }

  /** The first job of a probe is named by it. */
  private static DescribeTrainingJobResponse run(
      String probe,
      Map<String, String> hyperparameters,
      Consumer<CreateTrainingJobRequest.Builder> further)
      throws Exception {
    int before = runs.merge(probe, 1, Integer::sum) - 1;
    String name = "probe-" + probe + (before == 0 ? "" : "-" + before);
    Map<String, String> all = new HashMap<>(hyperparameters);
    all.put("probe", probe);
    jobs.create(
        name,
        request -> {
          request
              .hyperParameters(all)
              .algorithmSpecification(algorithm ->
                  algorithm
                      .trainingImage(image.name())
                      .trainingInputMode("File")
                      .containerEntrypoint("/usr/local/bin/probe"));
          further.accept(request);
        });
    return jobs.await(name);
  }

  private static Map<String, String> results(List<JsonNode> said) {
    Map<String, String> results = new HashMap<>();
    said.stream()
        .filter(line -> line.has("attempt"))
        .forEach(line -> results.put(line.get("attempt").asText(), line.get("result").asText()));
    return results;
  }
}
