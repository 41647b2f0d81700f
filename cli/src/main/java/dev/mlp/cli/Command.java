package dev.mlp.cli;

import dev.mlp.sdk.Session;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command has: the form of its output, the server it talks to, and help. */
abstract class Command implements Callable<Integer> {
  /** Held, because the logging framework forgets the levels of loggers that nobody holds. */
  private static final Logger ROOT_LOGGER = Logger.getLogger("");

  /** The forms of output. */
  enum Format {
    table,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table (default) or json: one document on standard output.")
  Format output = Format.table;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "The server's data directory, instead of the AWS_* variables, $MLP_DATA_DIR or ~/.mlp.")
  @Nullable Path dataDirectory;

  @Option(names = "--debug", description = "Show where an error comes from.")
  boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  final Context context;

  Command(Context context) {
    this.context = context;
  }

  @Override
  public final Integer call() {
    return run();
  }

  /** Does it; the result is the exit code. */
  abstract int run();

  boolean json() {
    return output == Format.json;
  }

  DataDirectory dataDirectory() {
    return DataDirectory.of(dataDirectory, context.environment());
  }

  /**
   * The variables of the server to talk to: the environment's own, unless a directory was named or
   * they are not set.
   */
  Map<String, String> serverVariables() {
    if (dataDirectory == null
        && !context.environment().getOrDefault("AWS_ENDPOINT_URL", "").isBlank()) {
      return context.environment();
    }
    try {
      return dataDirectory().variables();
    } catch (CommandFailure e) {
      throw dataDirectory == null
          ? new CommandFailure("AWS_ENDPOINT_URL is not set, and " + e.getMessage(), e)
          : e;
    }
  }

  /**
   * The libraries' own words about a retry or a missing profile are no part of a command's output.
   */
  void connectQuietly() {
    ROOT_LOGGER.setLevel(debug ? Level.INFO : Level.OFF);
  }

  Session connect() {
    connectQuietly();
    return Session.builder().environment(serverVariables()).build();
  }

  /** Prints the one document of {@code --output json}. */
  void printJson(@Nullable Object tree) {
    context.out().println(Tree.write(tree));
  }

  void print(Table table) {
    List<String> lines = table.lines(context.terminal().width(context.environment()));
    context.out().println(context.terminal().coloured(lines.getFirst(), Terminal.Colour.BOLD));
    lines.stream().skip(1).forEach(context.out()::println);
  }

  /** Something worth knowing that is not the result. */
  void note(String text) {
    context.err().println(text);
  }
}
