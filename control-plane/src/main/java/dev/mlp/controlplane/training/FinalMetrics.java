package dev.mlp.controlplane.training;

import dev.mlp.controlplane.logs.LogEvent;
import dev.mlp.controlplane.logs.LogPage;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.metrics.Dimension;
import dev.mlp.controlplane.metrics.InstanceDimensions;
import dev.mlp.controlplane.metrics.MetricId;
import dev.mlp.controlplane.metrics.MetricSeries;
import dev.mlp.controlplane.metrics.MetricSink;
import dev.mlp.controlplane.metrics.MetricValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Searches the logs of jobs for metrics, from where it was last, also after a restart: the last
 * value of each is the job's, and every value is a sample of its series.
 */
final class FinalMetrics {
  private static final int EVENTS_PER_PAGE = 10_000;

  private final TrainingMetricStore store;
  private final LogStore logs;
  private final MetricSink series;

  FinalMetrics(TrainingMetricStore store, LogStore logs, MetricSink series) {
    this.store = store;
    this.logs = logs;
    this.series = series;
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
        List<MetricValue> values = new ArrayList<>();
        for (LogEvent event : page.events()) {
          values.addAll(job.definition().metrics().values(event.message(), event.time()));
        }
        Map<String, MetricValue> last = new HashMap<>();
        values.forEach(value -> last.put(value.name(), value));
        position = page.end();
        store.advance(job.key(), host, position, last.values());
        // Not before: what is searched again would be counted again.
        values.forEach(
            value -> series.add(series(job.key(), value.name()), value.at(), value.value()));
        page = logs.read(job.log(host), position, EVENTS_PER_PAGE);
      }
    }
  }

  private static MetricSeries series(TrainingJobKey job, String metric) {
    return new MetricSeries(
        new MetricId(
            job.tenant(),
            InstanceDimensions.TRAINING_JOBS,
            metric,
            List.of(new Dimension("TrainingJobName", job.name().value()))),
        "None");
  }
}
