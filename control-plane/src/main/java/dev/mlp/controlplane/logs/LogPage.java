package dev.mlp.controlplane.logs;

import java.util.List;

/**
 * Events that follow each other.
 *
 * @param start the offset where the page before this one ends
 * @param end the offset where the next page starts
 */
public record LogPage(List<LogEvent> events, long start, long end) {
  public LogPage {
    events = List.copyOf(events);
  }
}
