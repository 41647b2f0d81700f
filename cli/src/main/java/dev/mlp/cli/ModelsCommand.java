package dev.mlp.cli;

import dev.mlp.sdk.Session;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.services.sagemaker.model.ModelSummary;

/** {@code mlp models}. */
@CommandLine.Command(
    name = "models",
    description = "Looks after models: deploy makes them, endpoints delete removes them.",
    footer = {"", "Examples:", "  mlp models list", "  mlp models delete NAME"})
final class ModelsCommand extends GroupCommand {
  ModelsCommand(Context context) {}

  /** {@code mlp models list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists models.",
      footer = {"", "Example:", "  mlp models list --output json"})
  static final class ListModels extends Command {
    ListModels(Context context) {
      super(context);
    }

    @Override
    int run() {
      List<ModelSummary> found;
      try (Session session = connect()) {
        found =
            session.sageMaker().listModelsPaginator(r -> r.maxResults(100)).models().stream()
                .toList();
      }
      if (json()) {
        printJson(found.stream().map(Wire::tree).toList());
        return 0;
      }
      Table table = new Table("NAME", "CREATED");
      found.forEach(each -> table.row(each.modelName(), Timestamps.local(each.creationTime())));
      if (table.isEmpty()) {
        note("there are no models: mlp deploy makes them");
      } else {
        print(table);
      }
      return 0;
    }
  }

  /** {@code mlp models delete}. */
  @CommandLine.Command(
      name = "delete",
      description = "Deletes a model. Endpoints that run on it go on.",
      footer = {"", "Example:", "  mlp models delete NAME"})
  static final class Delete extends Command {
    @Parameters(paramLabel = "NAME", description = "The model's name.")
    String name = "";

    Delete(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        session.sageMaker().deleteModel(r -> r.modelName(name));
      }
      if (json()) {
        printJson(Map.of("deleted", name));
      } else {
        context.out().println("deleted model " + name);
      }
      return 0;
    }
  }
}
