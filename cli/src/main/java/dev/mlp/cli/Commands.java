package dev.mlp.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** All commands, in the order the help shows them. */
final class Commands {
  private static final Map<String, Function<Context, CommandLine>> ALL = all();

  private Commands() {}

  /**
   * The command line; with {@code word}'s command alone where that is one, since describing them
   * all takes longer than most run.
   */
  static CommandLine line(Context context, String word) {
    CommandLine root = new CommandLine(new RootCommand(context));
    Function<Context, CommandLine> one = ALL.get(word);
    if (one != null) {
      root.addSubcommand(word, one.apply(context));
    } else {
      ALL.forEach((name, command) -> root.addSubcommand(name, command.apply(context)));
    }
    return root;
  }

  private static Map<String, Function<Context, CommandLine>> all() {
    Map<String, Function<Context, CommandLine>> all = new LinkedHashMap<>();
    all.put("quickstart", Commands::quickstart);
    all.put("server", c -> new CommandLine(new ServerCommand(c)));
    all.put("status", c -> new CommandLine(new StatusCommand(c)));
    all.put("env", c -> new CommandLine(new EnvCommand(c)));
    all.put("train", c -> new CommandLine(new TrainCommand(c)));
    all.put(
        "jobs",
        c ->
            new CommandLine(new JobsCommand(c))
                .addSubcommand("list", new JobsCommand.ListJobs(c))
                .addSubcommand("describe", new JobsCommand.Describe(c))
                .addSubcommand("logs", new JobsCommand.Logs(c))
                .addSubcommand("stop", new JobsCommand.Stop(c)));
    all.put("deploy", c -> new CommandLine(new DeployCommand(c)));
    all.put("predict", c -> new CommandLine(new PredictCommand(c)));
    all.put(
        "endpoints",
        c ->
            new CommandLine(new EndpointsCommand(c))
                .addSubcommand("list", new EndpointsCommand.ListEndpoints(c))
                .addSubcommand("describe", new EndpointsCommand.Describe(c))
                .addSubcommand("logs", new EndpointsCommand.Logs(c))
                .addSubcommand("delete", new EndpointsCommand.Delete(c)));
    all.put(
        "models",
        c ->
            new CommandLine(new ModelsCommand(c))
                .addSubcommand("list", new ModelsCommand.ListModels(c))
                .addSubcommand("delete", new ModelsCommand.Delete(c)));
    all.put(
        "configs",
        c ->
            new CommandLine(new ConfigsCommand(c))
                .addSubcommand("list", new ConfigsCommand.ListConfigs(c))
                .addSubcommand("delete", new ConfigsCommand.Delete(c)));
    all.put("images", ImagesCommand::line);
    all.put("completion", c -> new CommandLine(new CompletionCommand(c)));
    all.put("version", c -> new CommandLine(new VersionCommand(c)));
    return all;
  }

  /** It has a server and a data directory of its own, so it offers no other. */
  private static CommandLine quickstart(Context context) {
    CommandLine line = new CommandLine(new QuickstartCommand(context));
    CommandLine.Model.CommandSpec spec = line.getCommandSpec();
    spec.remove(spec.findOption("--data-dir"));
    return line;
  }
}
