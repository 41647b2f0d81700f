package dev.mlp.controlplane.container;

import dev.mlp.controlplane.container.process.ProcessRuntimes;
import dev.mlp.controlplane.container.process.ShellPrograms;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

final class ProcessRuntimeContractTest extends ContainerRuntimeContractTest {
  @Override
  ContainerRuntime open(Path root) throws Exception {
    return ProcessRuntimes.open(root, ShellPrograms.IMAGES, store);
  }

  @Override
  ContainerRuntime reopen(ContainerRuntime runtime) throws Exception {
    runtime.close();
    return open(folder.resolve("runtime"));
  }

  @Override
  List<String> arguments(Program program) {
    return List.of(
        program.steps().stream()
            .map(ProcessRuntimeContractTest::command)
            .collect(Collectors.joining("\n")));
  }

  private static String command(Program.Step step) {
    return switch (step) {
      case Program.Step.Print(String line) -> "echo '" + line + "'";
      case Program.Step.Write(String path, String text) ->
          "printf %s '" + text + "' > \"$SAGEMAKER_BASE_DIR/" + path + "\"";
      case Program.Step.Await(Path file) -> "while [ ! -e '" + file + "' ]; do sleep 0.02; done";
      case Program.Step.IgnoreTerm _ -> "trap '' TERM";
      case Program.Step.Serve _ ->
          "exec python3 -u -m http.server --bind \"$MLP_BIND_HOST\" \"$SAGEMAKER_BIND_TO_PORT\"";
      case Program.Step.Die(int signal) -> "kill -" + signal + " $$";
      case Program.Step.Exit(int code) -> "exit " + code;
    };
  }
}
