package dev.mlp.controlplane.training;

import dev.mlp.controlplane.logs.LogEvent;
import dev.mlp.controlplane.logs.LogPage;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.metrics.MetricValue;
import java.util.HashMap;
import java.util.Map;

/** Searches the logs of jobs for metrics, from where it was last, also after a restart. */
final class FinalMetrics {
  private static final int EVENTS_PER_PAGE = 10_000;

  private final TrainingMetricStore store;
  private final LogStore logs;

  FinalMetrics(TrainingMetricStore store, LogStore logs) {
    this.store = store;
    this.logs = logs;
  }

  /** Reads what every host has logged since. */
  void readOn(TrainingJob job) {
    if (job.definition().metrics().isEmpty()) {
      return;
    }
    for (String host : job.hosts()) {
      long position = store.position(job.key(), host);
      LogPage page = logs.read(job.log(host), position, EVENTS_PER_PAGE);
      while (page.end() > position) {
        Map<String, MetricValue> last = new HashMap<>();
        for (LogEvent event : page.events()) {
          job.definition()
              .metrics()
              .values(event.message(), event.time())
              .forEach(value -> last.put(value.name(), value));
        }
        position = page.end();
        store.advance(job.key(), host, position, last.values());
        page = logs.read(job.log(host), position, EVENTS_PER_PAGE);
      }
    }
  }
}
