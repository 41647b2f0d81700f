package dev.mlp.cli;

import dev.mlp.sdk.Session;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.services.sagemaker.model.EndpointConfigSummary;

/** {@code mlp configs}. */
@CommandLine.Command(
    name = "configs",
    description =
        "Looks after endpoint configurations: deploy makes them, endpoints delete removes them.",
    footer = {"", "Examples:", "  mlp configs list", "  mlp configs delete NAME"})
final class ConfigsCommand extends GroupCommand {
  ConfigsCommand(Context context) {}

  /** {@code mlp configs list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists configurations.",
      footer = {"", "Example:", "  mlp configs list --output json"})
  static final class ListConfigs extends Command {
    ListConfigs(Context context) {
      super(context);
    }

    @Override
    int run() {
      List<EndpointConfigSummary> found;
      try (Session session = connect()) {
        found =
            session
                .sageMaker()
                .listEndpointConfigsPaginator(r -> r.maxResults(100))
                .endpointConfigs()
                .stream()
                .toList();
      }
      if (json()) {
        printJson(found.stream().map(Wire::tree).toList());
        return 0;
      }
      Table table = new Table("NAME", "CREATED");
      found.forEach(
          each -> table.row(each.endpointConfigName(), Timestamps.local(each.creationTime())));
      if (table.isEmpty()) {
        note("there are no configurations: mlp deploy makes them");
      } else {
        print(table);
      }
      return 0;
    }
  }

  /** {@code mlp configs delete}. */
  @CommandLine.Command(
      name = "delete",
      description = "Deletes a configuration. Endpoints that run on it go on.",
      footer = {"", "Example:", "  mlp configs delete NAME"})
  static final class Delete extends Command {
    @Parameters(paramLabel = "NAME", description = "The configuration's name.")
    String name = "";

    Delete(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        session.sageMaker().deleteEndpointConfig(r -> r.endpointConfigName(name));
      }
      if (json()) {
        printJson(Map.of("deleted", name));
      } else {
        context.out().println("deleted configuration " + name);
      }
      return 0;
    }
  }
}
