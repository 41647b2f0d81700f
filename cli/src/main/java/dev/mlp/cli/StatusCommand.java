package dev.mlp.cli;

import dev.mlp.sdk.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** {@code mlp status}. */
@CommandLine.Command(
    name = "status",
    description = "Shows which server answers, and what is on it.",
    footer = {"", "Examples:", "  mlp status", "  mlp status --data-dir /srv/mlp --output json"})
final class StatusCommand extends Command {
  StatusCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    String url = serverVariables().getOrDefault("AWS_ENDPOINT_URL", "");
    // Found by its variables alone, a server may be on another machine; its directory is ours only
    // if it says the same URL.
    Optional<DataDirectory.Server> server =
        dataDirectory().server().filter(s -> s.url().equals(url));
    Map<String, Integer> jobs = new TreeMap<>();
    Map<String, Integer> endpoints = new TreeMap<>();
    int models;
    int configurations;
    try (Session session = connect()) {
      session
          .sageMaker()
          .listTrainingJobsPaginator(r -> r.maxResults(100))
          .trainingJobSummaries()
          .forEach(j -> jobs.merge(j.trainingJobStatusAsString(), 1, Integer::sum));
      session
          .sageMaker()
          .listEndpointsPaginator(r -> r.maxResults(100))
          .endpoints()
          .forEach(e -> endpoints.merge(e.endpointStatusAsString(), 1, Integer::sum));
      models =
          (int)
              session.sageMaker().listModelsPaginator(r -> r.maxResults(100)).models().stream()
                  .count();
      configurations =
          (int)
              session
                  .sageMaker()
                  .listEndpointConfigsPaginator(r -> r.maxResults(100))
                  .endpointConfigs()
                  .stream()
                  .count();
    }
    Map<String, @Nullable Object> status = new LinkedHashMap<>();
    status.put("server", url);
    server.ifPresent(s -> {
      status.put("version", s.version());
      status.put("dataDirectory", dataDirectory().path().toString());
      status.put("pid", s.pid());
      status.put("startedAt", s.startedAt());
      status.put("runtime", s.runtime());
      status.put("memory", s.memory());
    });
    status.put("trainingJobs", jobs);
    status.put("endpoints", endpoints);
    status.put("models", models);
    status.put("endpointConfigurations", configurations);
    if (json()) {
      printJson(status);
    } else {
      status.forEach((name, value) -> context.out().println(label(name) + text(value)));
    }
    return 0;
  }

  private static String label(String name) {
    String words = name.replaceAll("([A-Z])", " $1").toLowerCase(java.util.Locale.ROOT);
    return words + " ".repeat(Math.max(1, 26 - words.length()));
  }

  private static String text(@Nullable Object value) {
    if (value instanceof Map<?, ?> counts) {
      StringBuilder text = new StringBuilder();
      counts.forEach((status, count) ->
          text.append(text.isEmpty() ? "" : ", ").append(count).append(' ').append(status));
      return text.isEmpty() ? "0" : text.toString();
    }
    return String.valueOf(value);
  }
}
