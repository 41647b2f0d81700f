package dev.mlp.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Times in tables: local, to the second; what machines read is ISO 8601 in UTC. */
final class Timestamps {
  private Timestamps() {}

  static String local(@Nullable Instant time) {
    return time == null
        ? ""
        : time.atZone(ZoneId.systemDefault())
            .toLocalDateTime()
            .truncatedTo(ChronoUnit.SECONDS)
            .toString()
            .replace('T', ' ');
  }

  static String between(@Nullable Instant from, @Nullable Instant to) {
    if (from == null || to == null || to.isBefore(from)) {
      return "";
    }
    Duration duration = Duration.between(from, to);
    return duration.toHours() > 0
        ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
        : duration.toMinutes() > 0
            ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
            : duration.toSeconds() + " s";
  }
}
