package dev.mlp.cli;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mlp} alone: says what there is. */
@Command(
    name = "mlp",
    description = "Trains and serves models on your own machines, through Amazon SageMaker's API.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  mlp quickstart",
      "  mlp server &",
      "  eval \"$(mlp env)\"",
      "  mlp train --entry train.jar --channel train=data.csv",
      "",
      "Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 ended by Ctrl-C."
    })
final class RootCommand extends GroupCommand {
  private final Context context;

  @Option(
      names = {"-V", "--version"},
      description = "Show the version.")
  boolean version;

  RootCommand(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    if (version) {
      context.out().println("mlp " + VersionCommand.version());
    } else {
      Objects.requireNonNull(spec).commandLine().usage(context.out());
    }
  }
}
