package dev.mlp.controlplane.container;

import dev.mlp.controlplane.container.docker.AwaitServer;
import dev.mlp.controlplane.container.docker.TestEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Runs the programs in a shell of a busybox image. */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class DockerContractTest extends ContainerRuntimeContractTest {
  private static @Nullable TestEngine engine;
  private @Nullable AwaitServer files;

  abstract boolean copiesInputs();

  @BeforeAll
  static void openEngine() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void closeEngine() throws Exception {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }

  @AfterEach
  void closeFiles() {
    if (files != null) {
      files.close();
    }
  }

  private static TestEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("no engine");
    }
    return engine;
  }

  private AwaitServer files() {
    if (files == null) {
      throw new IllegalStateException("no server");
    }
    return files;
  }

  @Override
  ContainerRuntime open(Path root) throws Exception {
    ContainerRuntime runtime = engine().runtime(root, copiesInputs(), store);
    if (files == null) {
      files = new AwaitServer(runtime.platformHost());
    }
    return runtime;
  }

  @Override
  ContainerRuntime reopen(ContainerRuntime runtime) throws Exception {
    runtime.close();
    return open(folder.resolve("runtime"));
  }

  @Override
  List<String> arguments(Program program) {
    return List.of(
        "sh", "-c", program.steps().stream().map(this::command).collect(Collectors.joining("\n")));
  }

  private String command(Program.Step step) {
    return switch (step) {
      case Program.Step.Print(String line) -> "echo '" + line + "'";
      case Program.Step.Write(String path, String text) ->
          "printf %s '" + text + "' > \"/opt/ml/" + path + "\"";
      case Program.Step.Await(Path file) -> files().command(file);
      case Program.Step.IgnoreTerm _ -> "trap '' TERM";
      case Program.Step.Serve _ ->
          "mkdir /www; echo pong > /www/index.html;"
              + " exec httpd -f -h /www -p \"$SAGEMAKER_BIND_TO_PORT\"";
      case Program.Step.Die(int signal) -> "kill -" + signal + " $$";
      case Program.Step.Exit(int code) -> "exit " + code;
    };
  }
}
