package dev.mlp.sdk;

import java.time.Instant;

/**
 * A line that a container wrote.
 *
 * @param stream which container: {@code <job>/algo-1-…} or {@code <variant>/<instance>}
 * @param time when
 * @param message the line, without its end
 */
public record LogLine(String stream, Instant time, String message) {}
