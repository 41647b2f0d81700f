package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlp.sdk.testing.FakeAws.Call;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingCommandsTest {
  private static final Reply IN_SERVICE =
      Reply.json("{'EndpointName':'e','EndpointStatus':'InService','EndpointConfigName':'c'}");
  private static final Reply NOT_FOUND =
      Reply.error(400, "ValidationException", "Could not find endpoint \"arn:aws:x:e\".");

  @TempDir Path folder;
  private final Shell shell = new Shell();

  @BeforeEach
  void acceptsModels() {
    shell
        .aws
        .on("CreateModel", Reply.json("{'ModelArn':'a'}"))
        .on("CreateEndpointConfig", Reply.json("{'EndpointConfigArn':'a'}"))
        .on("CreateEndpoint", Reply.json("{'EndpointArn':'a'}"))
        .on("DescribeEndpoint", IN_SERVICE);
  }

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    shell.close();
    assertThat(shell.aws.refused()).isEmpty();
  }

  @Test
  void deploysAFolder() throws IOException {
    Files.writeString(folder.resolve("saved_model.pb"), "pb");
    assertThat(
            shell.run(
                "deploy", "--endpoint", "e", "--model-data", folder.toString(), "--instances", "2"))
        .isZero();
    assertThat(shell.out()).isEqualTo("e is InService\n");
    assertThat(shell.err()).contains("mlp endpoints delete e");
    assertThat(
            shell
                .aws
                .calls("CreateEndpointConfig")
                .getFirst()
                .at("/ProductionVariants/0/InitialInstanceCount")
                .asInt())
        .isEqualTo(2);
    assertThat(shell.aws.s3().objects()).hasSize(1);
  }

  @Test
  void deploysAJobsModelAsJson() {
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.json(
            "{'TrainingJobStatus':'Completed','ModelArtifacts':{'S3ModelArtifacts':'s3://b/m.tar.gz'}}"));
    assertThat(shell.run("deploy", "--endpoint", "e", "--job", "j", "--output", "json")).isZero();
    assertThat(((Map<?, ?>) shell.json()).get("EndpointStatus")).isEqualTo("InService");
  }

  @Test
  void saysWhyAModelCannotBeDeployed() {
    shell.aws.on("DescribeTrainingJob", Reply.json("{'TrainingJobStatus':'InProgress'}"));
    assertThat(shell.run("deploy", "--endpoint", "e", "--job", "j")).isEqualTo(1);
    assertThat(shell.err()).contains("has left no model").hasLineCount(1);
    assertThat(shell.run("deploy", "--endpoint", "e", "--model-data", folder.toString()))
        .isEqualTo(2);
    assertThat(shell.err()).contains("there is no SavedModel").hasLineCount(1);
    shell.aws.on(
        "DescribeEndpoint",
        Reply.json("{'EndpointStatus':'Failed','FailureReason':'exit code 1'}"));
    assertThat(shell.run("deploy", "--endpoint", "e", "--model-data", "s3://b/m.tar.gz"))
        .isEqualTo(1);
    assertThat(shell.err().lines().toList().getLast())
        .isEqualTo(
            "mlp: endpoint e is Failed: exit code 1; its log: mlp endpoints logs e; remove it: mlp endpoints delete e");
  }

  @Test
  void predictsFromTextAndFiles() throws IOException {
    shell.aws.onInvoke(call -> Reply.of("application/json", "{\"predictions\": [1.0]}"));
    assertThat(shell.run("predict", "--endpoint", "e", "--json", "{\"instances\":[NaN]}")).isZero();
    assertThat(shell.out()).isEqualTo("{\"predictions\": [1.0]}\n");
    assertThat(shell.run("predict", "--endpoint", "e", "--json", "{}", "-o", "json")).isZero();
    assertThat(shell.json()).isEqualTo(Map.of("predictions", List.of(1.0)));
    Path csv = Files.writeString(folder.resolve("a.csv"), "1,2\n");
    shell.aws.onInvoke(call -> Reply.of("text/csv", "0.5"));
    assertThat(shell.run("predict", "--endpoint", "e", "--file", csv.toString(), "-o", "json"))
        .isZero();
    assertThat(shell.json()).isEqualTo(Map.of("contentType", "text/csv", "body", "0.5"));
    assertThat(shell.aws.calls("InvokeEndpoint").stream().map(c -> c.get("contentType").asText()))
        .containsExactly("application/json", "application/json", "text/csv");
  }

  @Test
  void refusesToAskNonsense() throws IOException {
    assertThat(shell.run("predict", "--endpoint", "e", "--json", "{nope")).isEqualTo(2);
    assertThat(shell.err()).contains("--json cannot be read at line 1, column").hasLineCount(1);
    Path odd = Files.writeString(folder.resolve("a.bin"), "x");
    assertThat(shell.run("predict", "--endpoint", "e", "--file", odd.toString())).isEqualTo(2);
    assertThat(shell.err()).contains("--content-type").hasLineCount(1);
    assertThat(shell.run("predict", "--endpoint", "e", "--file", "nowhere.csv")).isEqualTo(2);
    assertThat(shell.run("predict", "--endpoint", "e")).isEqualTo(2);
    assertThat(shell.aws.calls()).isEmpty();
    shell.aws.onInvoke(call -> Reply.error(400, "ValidationError", "Endpoint e not found."));
    assertThat(shell.run("predict", "--endpoint", "e", "--json", "{}")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("mlp: Endpoint e not found.\n");
  }

  @Test
  void showsWhatTheModelSaysOfAnError() {
    for (String[] each :
        new String[][] {
          {"{\n  \"error\": \"no key \\\"x\\\"\"\n}", "no key \"x\""},
          {"{\"error\": 3}", "{\"error\": 3}"},
          {"not JSON", "not JSON"}
        }) {
      ObjectNode body =
          JsonNodeFactory.instance
              .objectNode()
              .put("OriginalStatusCode", 400)
              .put("OriginalMessage", each[0]);
      shell.aws.onInvoke(call -> Reply.error(424, "ModelError", body));
      assertThat(shell.run("predict", "--endpoint", "e", "--json", "{}")).isEqualTo(1);
      assertThat(shell.err()).isEqualTo("mlp: the model answered 400: " + each[1] + "\n");
    }
  }

  @Test
  void doesNotNameAStatusWhereTheModelGaveNoAnswer() {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("OriginalStatusCode", 0)
            .put("OriginalMessage", "Your invocation timed out");
    shell.aws.onInvoke(call -> Reply.error(424, "ModelError", body));
    assertThat(shell.run("predict", "--endpoint", "e", "--json", "{}")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("mlp: Your invocation timed out\n");
  }

  @Test
  void saysWhatAnEndpointWaitsForWhenThatChanges() {
    String waiting =
        "{'EndpointName':'e','EndpointStatus':'Creating','PendingDeploymentSummary':{'EndpointConfigName':'c','ProductionVariants':[{'VariantName':'v','VariantStatus':[{'Status':'Creating','StatusMessage':'Waiting for memory'}]}]}}";
    shell.aws.on(
        "DescribeEndpoint",
        Reply.json("{'EndpointName':'e','EndpointStatus':'Creating'}"),
        Reply.json(waiting),
        Reply.json(waiting),
        Reply.json(
            "{'EndpointName':'e','EndpointStatus':'Creating','ProductionVariants':[{'VariantName':'v','VariantStatus':[{'Status':'Creating','StatusMessage':'Loading'}]}]}"),
        IN_SERVICE);
    assertThat(shell.run("deploy", "--endpoint", "e", "--model-data", "s3://b/m.tar.gz")).isZero();
    assertThat(shell.err().lines().filter(line -> line.startsWith("e is ")))
        .containsExactly(
            "e is Creating",
            "e is Creating - Waiting for memory",
            "e is Creating - Loading",
            "e is InService");
  }

  @Test
  void deletesWhatBelongsToAnEndpointAndSaysSo() {
    shell
        .aws
        .on("DescribeEndpoint", IN_SERVICE, NOT_FOUND)
        .on(
            "DescribeEndpointConfig",
            Reply.json("{'ProductionVariants':[{'VariantName':'v','ModelName':'m'}]}"))
        .on("DeleteEndpoint", Reply.json("{}"))
        .on("DeleteEndpointConfig", Reply.json("{}"))
        .on("DeleteModel", Reply.json("{}"));
    assertThat(shell.run("endpoints", "delete", "e")).isZero();
    assertThat(shell.out())
        .isEqualTo("deleted endpoint e\ndeleted configuration c\ndeleted model m\n");
    shell.aws.on("DescribeEndpoint", IN_SERVICE, NOT_FOUND);
    assertThat(shell.run("endpoints", "delete", "e", "--keep-model", "--output", "json")).isZero();
    assertThat(shell.json())
        .isEqualTo(Map.of("endpoint", "e", "configuration", "c", "models", List.of()));
    assertThat(shell.aws.calls("DeleteModel")).hasSize(1);
    assertThat(shell.run("endpoints", "delete", "e")).isEqualTo(1);
    assertThat(shell.err().lines().toList().getLast()).startsWith("mlp: Could not find endpoint");
  }

  @Test
  void showsJobsAsTablesAndAsJson() {
    shell.aws.on(
        "ListTrainingJobs",
        request ->
            Reply.json(
                request.has("NextToken")
                    ? "{'TrainingJobSummaries':[{'TrainingJobName':'b','TrainingJobStatus':'Failed','CreationTime':1.7E9,'TrainingEndTime':1.70000006E9}]}"
                    : "{'TrainingJobSummaries':[{'TrainingJobName':'a-longer-name','TrainingJobStatus':'InProgress','CreationTime':1.7E9}],'NextToken':'t'}"));
    assertThat(shell.run("jobs", "list")).isZero();
    List<String> lines = shell.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst()).startsWith("NAME           STATUS      CREATED");
    assertThat(lines.getLast()).startsWith("b              Failed ").endsWith("1 min 0 s");
    assertThat(shell.run("jobs", "list", "--output", "json", "--limit", "2")).isZero();
    assertThat((List<?>) shell.json()).hasSize(2);
    assertThat(shell.aws.calls("ListTrainingJobs").getLast().get("MaxResults").asInt())
        .isEqualTo(1);
    assertThat(shell.run("jobs", "list", "--status", "Complete")).isEqualTo(2);
    assertThat(shell.err()).contains("did you mean 'Completed'?");
    assertThat(shell.run("jobs", "list", "--limit", "0")).isEqualTo(2);
  }

  @Test
  void showsLogsOfJobsAndEndpoints() {
    shell
        .aws
        .on(
            "DescribeTrainingJob",
            Reply.json("{'TrainingJobName':'j','TrainingJobStatus':'Completed'}"))
        .on("DescribeLogStreams", Reply.json("{'logStreams':[{'logStreamName':'v/i-1'}]}"))
        .on(
            "GetLogEvents",
            request ->
                Reply.json(
                    request.has("nextToken")
                        ? "{'events':[],'nextForwardToken':'t'}"
                        : "{'events':[{'timestamp':1,'message':'one'},{'timestamp':2,'message':'two'}],'nextForwardToken':'t'}"));
    for (List<String> command :
        List.of(
            List.of("jobs", "logs", "j"),
            List.of("jobs", "logs", "--follow", "j"),
            List.of("endpoints", "logs", "e"))) {
      assertThat(shell.run(command.toArray(String[]::new))).isZero();
      assertThat(shell.out()).isEqualTo("one\ntwo\n");
      String[] asJson = Arrays.copyOf(command.toArray(String[]::new), command.size() + 2);
      asJson[command.size()] = "--output";
      asJson[command.size() + 1] = "json";
      assertThat(shell.run(asJson)).isZero();
      assertThat(shell.json())
          .isEqualTo(
              List.of(
                  Map.of(
                      "timestamp", "1970-01-01T00:00:00.001Z", "stream", "v/i-1", "message", "one"),
                  Map.of(
                      "timestamp",
                      "1970-01-01T00:00:00.002Z",
                      "stream",
                      "v/i-1",
                      "message",
                      "two")));
    }
  }

  @Test
  void printsAnEmptyListWhereThereIsNoLog() {
    shell
        .aws
        .on("DescribeTrainingJob", Reply.json("{'TrainingJobStatus':'InProgress'}"))
        .on("DescribeLogStreams", Reply.error(400, "ResourceNotFoundException", "no group"));
    assertThat(shell.run("jobs", "logs", "j", "-o", "json")).isZero();
    assertThat(shell.json()).isEqualTo(List.of());
    shell.aws.on("DescribeEndpoint", NOT_FOUND);
    assertThat(shell.run("endpoints", "logs", "e")).isEqualTo(1);
  }

  @Test
  void stopsAJobAndWaits() {
    shell
        .aws
        .on("StopTrainingJob", Reply.json("{}"))
        .on("DescribeLogStreams", Reply.json("{'logStreams':[]}"))
        .on(
            "DescribeTrainingJob",
            Reply.json("{'TrainingJobName':'j','TrainingJobStatus':'Stopping'}"),
            Reply.json("{'TrainingJobName':'j','TrainingJobStatus':'Stopped'}"));
    assertThat(shell.run("jobs", "stop", "--wait", "j")).isZero();
    assertThat(shell.out()).isEqualTo("j is Stopped\n");
    assertThat(shell.aws.calls().stream().map(Call::operation)).startsWith("StopTrainingJob");
  }
}
