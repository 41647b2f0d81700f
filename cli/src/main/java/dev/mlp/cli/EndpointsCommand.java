package dev.mlp.cli;

import dev.mlp.sdk.Endpoint;
import dev.mlp.sdk.LogFollower;
import dev.mlp.sdk.Session;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.EndpointSortKey;
import software.amazon.awssdk.services.sagemaker.model.EndpointSummary;
import software.amazon.awssdk.services.sagemaker.model.OrderKey;

/** {@code mlp endpoints}. */
@CommandLine.Command(
    name = "endpoints",
    description = "Looks after endpoints.",
    footer = {"", "Examples:", "  mlp endpoints list", "  mlp endpoints delete ENDPOINT"})
final class EndpointsCommand extends GroupCommand {
  EndpointsCommand(Context context) {}

  /** {@code mlp endpoints list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists endpoints, the newest first.",
      footer = {"", "Example:", "  mlp endpoints list --output json"})
  static final class ListEndpoints extends Command {
    ListEndpoints(Context context) {
      super(context);
    }

    @Override
    int run() {
      List<EndpointSummary> endpoints;
      try (Session session = connect()) {
        endpoints =
            session
                .sageMaker()
                .listEndpointsPaginator(r ->
                    r.sortBy(EndpointSortKey.CREATION_TIME)
                        .sortOrder(OrderKey.DESCENDING)
                        .maxResults(100))
                .endpoints()
                .stream()
                .toList();
      }
      if (json()) {
        printJson(endpoints.stream().map(Wire::tree).toList());
        return 0;
      }
      Table table = new Table("NAME", "STATUS", "CREATED");
      endpoints.forEach(e ->
          table.row(
              e.endpointName(), e.endpointStatusAsString(), Timestamps.local(e.creationTime())));
      if (table.isEmpty()) {
        note("there are no endpoints: mlp deploy makes one");
      } else {
        print(table);
      }
      return 0;
    }
  }

  /** {@code mlp endpoints describe}. */
  @CommandLine.Command(
      name = "describe",
      description =
          "Shows all the server knows about an endpoint, and what its instances used in the last hour.",
      footer = {"", "Example:", "  mlp endpoints describe ENDPOINT"})
  static final class Describe extends Command {
    @Parameters(paramLabel = "ENDPOINT", description = "The endpoint's name.")
    String endpoint = "";

    Describe(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        DescribeEndpointResponse described = Endpoint.attach(session, endpoint).describe();
        Map<String, @Nullable Object> tree = Wire.tree(described);
        InstanceUse use = InstanceUse.ofEndpoint(session, described, Instant.now());
        if (json()) {
          use.tree().ifPresent(each -> tree.put("Usage", each));
          printJson(tree);
        } else {
          Tree.lines(tree).forEach(context.out()::println);
          use.table(context.terminal().output())
              .ifPresent(table -> {
                context.out().println();
                print(table);
              });
        }
      }
      return 0;
    }
  }

  /** {@code mlp endpoints logs}. */
  @CommandLine.Command(
      name = "logs",
      description = "Prints the logs of an endpoint's containers, also of one that was deleted.",
      footer = {
        "",
        "Examples:",
        "  mlp endpoints logs ENDPOINT",
        "  mlp endpoints logs --follow ENDPOINT"
      })
  static final class Logs extends Command {
    @Option(
        names = {"-f", "--follow"},
        description = "Go on until the endpoint is gone, or Ctrl-C.")
    boolean follow;

    @Parameters(paramLabel = "ENDPOINT", description = "The endpoint's name.")
    String endpoint = "";

    Logs(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect()) {
        LogOutput output = new LogOutput(context, json());
        if (follow) {
          Endpoint.attach(session, endpoint).describe();
          Endpoint.attach(session, endpoint).followLogs(output::log);
        } else {
          LogFollower logs = LogFollower.ofEndpoint(session, endpoint);
          logs.poll(output::log);
          if (logs.streamCount() == 0) {
            Endpoint.attach(session, endpoint).describe();
          }
        }
        output.end();
      }
      return 0;
    }
  }

  /** {@code mlp endpoints delete}. */
  @CommandLine.Command(
      name = "delete",
      description =
          "Deletes an endpoint with its configuration and its model, and returns when it is gone.",
      footer = {
        "",
        "Examples:",
        "  mlp endpoints delete ENDPOINT",
        "  mlp endpoints delete --keep-model ENDPOINT"
      })
  static final class Delete extends Command {
    @Option(names = "--keep-model", description = "Leave the model, for another endpoint.")
    boolean keepModel;

    @Parameters(paramLabel = "ENDPOINT", description = "The endpoint's name.")
    String endpoint = "";

    Delete(Context context) {
      super(context);
    }

    @Override
    int run() {
      try (Session session = connect();
          Progress progress = new Progress(context)) {
        progress.now("deleting " + endpoint);
        Endpoint.Removed removed =
            Endpoint.attach(session, endpoint)
                .delete(keepModel ? Endpoint.Models.KEEP : Endpoint.Models.DELETE);
        progress.done();
        if (json()) {
          Map<String, @Nullable Object> tree = new LinkedHashMap<>();
          tree.put("endpoint", removed.endpoint());
          tree.put("configuration", removed.configuration().orElse(null));
          tree.put("models", removed.models());
          printJson(tree);
        } else {
          context.out().println("deleted endpoint " + removed.endpoint());
          removed
              .configuration()
              .ifPresent(c -> context.out().println("deleted configuration " + c));
          removed.models().forEach(m -> context.out().println("deleted model " + m));
        }
      }
      return 0;
    }
  }
}
