package dev.mlp.controlplane.container.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What containers use, as the engine reads it from the kernel. */
final class UsageReader {
  private final EngineConnection connection;
  private final Clock clock;

  UsageReader(EngineConnection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
  }

  /** Empty when the container does not run. */
  Optional<Usage> read(String container, OptionalLong diskBytes) throws IOException {
    try {
      // docker-java's own command waits a second for a second sample.
      JsonNode stats =
          connection.getJson("/containers/" + container + "/stats?stream=false&one-shot=true");
      return of(stats, diskBytes);
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<Usage> of(JsonNode stats, OptionalLong diskBytes) {
    JsonNode memory = stats.path("memory_stats");
    if (!memory.has("usage")) {
      return Optional.empty();
    }
    long used = memory.path("usage").asLong();
    JsonNode details = memory.path("stats");
    // cgroup v1 has the first, v2 the second.
    long cache = details.path("total_inactive_file").asLong(details.path("inactive_file").asLong());
    return Optional.of(
        new Usage(
            clock.instant(),
            stats.path("cpu_stats").path("cpu_usage").path("total_usage").asLong(),
            Math.max(0, used - cache),
            memory.path("limit").asLong(),
            diskBytes,
            List.of()));
  }
}
