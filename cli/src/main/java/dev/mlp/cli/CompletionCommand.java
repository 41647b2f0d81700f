package dev.mlp.cli;

import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code mlp completion}. */
@CommandLine.Command(
    name = "completion",
    description = "Prints a script that makes bash and zsh complete commands and options.",
    footer = {
      "",
      "Examples:",
      "  source <(mlp completion)",
      "  mlp completion > /etc/bash_completion.d/mlp"
    })
final class CompletionCommand extends Command {
  CompletionCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    String script = AutoComplete.bash("mlp", Commands.line(context, ""));
    if (json()) {
      printJson(Map.of("script", script));
    } else {
      context.out().println(script);
    }
    return 0;
  }
}
