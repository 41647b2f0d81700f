package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.sdk.testing.FakeAws.Reply;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;
  private final Shell shell = new Shell();

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    shell.close();
    assertThat(shell.aws.refused()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "quickstart",
        "server",
        "status",
        "env",
        "train",
        "jobs",
        "jobs list",
        "jobs describe",
        "jobs logs",
        "jobs stop",
        "deploy",
        "predict",
        "endpoints",
        "endpoints list",
        "endpoints describe",
        "endpoints logs",
        "endpoints delete",
        "models",
        "models list",
        "models delete",
        "configs",
        "configs list",
        "configs delete",
        "images",
        "images build",
        "images list",
        "images remove",
        "completion",
        "version"
      })
  void everyCommandHasHelpWithExamples(String command) {
    String[] args = (command + " --help").strip().split(" ");
    assertThat(shell.run(args)).isZero();
    assertThat(shell.out()).contains("Usage: mlp").contains("Example");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void suggestsWhatWasMeant() {
    assertThat(shell.run("trian")).isEqualTo(2);
    assertThat(shell.err()).contains("'trian'; did you mean 'train'?").hasLineCount(1);
    assertThat(shell.run("jobs", "lst")).isEqualTo(2);
    assertThat(shell.err()).contains("did you mean 'list'?").hasLineCount(1);
    assertThat(shell.run("train", "--hyperparam", "a=b")).isEqualTo(2);
    assertThat(shell.err()).contains("did you mean '--hyperparameter'?").hasLineCount(1);
    assertThat(shell.run("xylophone")).isEqualTo(2);
    assertThat(shell.err()).doesNotContain("did you mean").hasLineCount(1);
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void saysWhatIsMissingInOneLine() {
    assertThat(shell.run("deploy", "--endpoint", "e")).isEqualTo(2);
    assertThat(shell.err()).startsWith("mlp: ").contains("--model-data").hasLineCount(1);
    assertThat(shell.run("jobs")).isEqualTo(2);
    assertThat(shell.err()).contains("list, describe, logs, stop").hasLineCount(1);
    assertThat(shell.run("jobs", "list", "--output", "xml")).isEqualTo(2);
    assertThat(shell.err()).contains("xml").hasLineCount(1);
  }

  @Test
  void saysWhereItLookedForAServer() {
    shell.environment.clear();
    shell.environment.put("MLP_DATA_DIR", folder.toString());
    assertThat(shell.run("jobs", "list")).isEqualTo(1);
    assertThat(shell.err())
        .contains("AWS_ENDPOINT_URL")
        .contains(folder.resolve("server.json").toString())
        .contains("mlp server")
        .hasLineCount(1);
  }

  @Test
  void saysThatTheServerDoesNotAnswer() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    shell.environment.put("AWS_ENDPOINT_URL", "http://127.0.0.1:" + free);
    assertThat(shell.run("jobs", "list")).isEqualTo(1);
    assertThat(shell.err()).contains("cannot reach the server").hasLineCount(1);
  }

  @Test
  void passesOnWhatTheServerSaysAndShowsMoreOnRequest() {
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.error(400, "ValidationException", "Requested resource not found."));
    assertThat(shell.run("jobs", "describe", "j")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("mlp: Requested resource not found.\n");
    assertThat(shell.run("jobs", "describe", "j", "--debug")).isEqualTo(1);
    assertThat(shell.err()).contains("\tat ");
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.error(403, "InvalidSignatureException", "The signature is wrong"));
    assertThat(shell.run("jobs", "describe", "j")).isEqualTo(1);
    assertThat(shell.err()).contains("eval \"$(mlp env)\"").hasLineCount(1);
  }

  @Test
  void printsAVersionAndACompletionScript() {
    assertThat(shell.run("--version")).isZero();
    assertThat(shell.out()).startsWith("mlp ");
    assertThat(shell.run("version", "-o", "json")).isZero();
    assertThat(shell.json()).isEqualTo(Map.of("version", VersionCommand.version()));
    assertThat(shell.run("completion")).isZero();
    assertThat(shell.out()).contains("quickstart").contains("complete -F");
  }

  @Test
  void countsWhatIsOnTheServer() {
    shell
        .aws
        .on(
            "ListTrainingJobs",
            request ->
                Reply.json(
                    request.has("NextToken")
                        ? "{'TrainingJobSummaries':[{'TrainingJobStatus':'Failed'}]}"
                        : "{'TrainingJobSummaries':[{'TrainingJobStatus':'Completed'},{'TrainingJobStatus':'Completed'}],'NextToken':'t'}"))
        .on("ListEndpoints", Reply.json("{'Endpoints':[{'EndpointStatus':'InService'}]}"))
        .on("ListModels", Reply.json("{'Models':[{'ModelName':'m'}]}"))
        .on("ListEndpointConfigs", Reply.json("{'EndpointConfigs':[]}"));
    assertThat(shell.run("status", "--output", "json")).isZero();
    assertThat(shell.json())
        .isEqualTo(
            Map.of(
                "server", shell.aws.url().toString(),
                "trainingJobs", Map.of("Completed", 2L, "Failed", 1L),
                "endpoints", Map.of("InService", 1L),
                "models", 1L,
                "endpointConfigurations", 0L));
    assertThat(shell.run("status")).isZero();
    assertThat(shell.out()).contains("2 Completed, 1 Failed");
  }

  @Test
  void listsAndDeletesModelsAndConfigurations() {
    shell
        .aws
        .on("ListModels", Reply.json("{'Models':[{'ModelName':'m','CreationTime':1.7E9}]}"))
        .on(
            "ListEndpointConfigs",
            Reply.json("{'EndpointConfigs':[{'EndpointConfigName':'c','CreationTime':1.7E9}]}"))
        .on("DeleteModel", Reply.json("{}"))
        .on("DeleteEndpointConfig", Reply.json("{}"));
    assertThat(shell.run("models", "list")).isZero();
    assertThat(shell.out().lines().map(l -> l.substring(0, 4)).toList())
        .isEqualTo(List.of("NAME", "m   "));
    assertThat(shell.run("configs", "list", "-o", "json")).isZero();
    assertThat(shell.out()).contains("\"EndpointConfigName\": \"c\"");
    assertThat(shell.run("models", "delete", "m")).isZero();
    assertThat(shell.run("configs", "delete", "c", "-o", "json")).isZero();
    assertThat(shell.json()).isEqualTo(Map.of("deleted", "c"));
  }
}
