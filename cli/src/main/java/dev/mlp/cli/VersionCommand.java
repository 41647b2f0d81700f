package dev.mlp.cli;

import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** {@code mlp version}. */
@CommandLine.Command(
    name = "version",
    description = "Shows the version.",
    footer = {"", "Example:", "  mlp version --output json"})
final class VersionCommand extends Command {
  VersionCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    if (json()) {
      printJson(Map.of("version", version()));
    } else {
      context.out().println("mlp " + version());
    }
    return 0;
  }

  /** From the jar's manifest; classes that lie in a folder have none. */
  static String version() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
