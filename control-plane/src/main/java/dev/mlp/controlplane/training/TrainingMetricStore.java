package dev.mlp.controlplane.training;

import dev.mlp.controlplane.metrics.MetricValue;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;
import org.jdbi.v3.core.statement.SqlStatement;

/** The last value of each metric, and how far the logs have been searched. */
public final class TrainingMetricStore {
  private static final String JOB = "account = :account AND region = :region AND name = :name";

  private final Jdbi jdbi;

  public TrainingMetricStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Where the search of a host's log goes on. */
  long position(TrainingJobKey key, String host) {
    return jdbi.withHandle(handle ->
        of(
                key,
                handle.createQuery(
                    "SELECT log_offset FROM training_job_log_position WHERE host = :host AND "
                        + JOB))
            .bind("host", host)
            .mapTo(Long.class)
            .findOne()
            .orElse(0L));
  }

  /** Keeps what was found up to a position, together with the position: nothing counts twice. */
  void advance(TrainingJobKey key, String host, long position, Collection<MetricValue> values) {
    jdbi.useTransaction(handle -> {
      int rows =
          of(
                  key,
                  handle.createUpdate(
                      "UPDATE training_job_log_position SET log_offset = :position"
                          + " WHERE host = :host AND "
                          + JOB))
              .bind("host", host)
              .bind("position", position)
              .execute();
      if (rows == 0) {
        of(
                key,
                handle.createUpdate(
                    """
                    INSERT INTO training_job_log_position
                      (account, region, name, host, log_offset)
                    VALUES (:account, :region, :name, :host, :position)
                    """))
            .bind("host", host)
            .bind("position", position)
            .execute();
      }
      values.forEach(value -> put(handle, key, value));
    });
  }

  private static void put(Handle handle, TrainingJobKey key, MetricValue value) {
    boolean known =
        of(
                    key,
                    handle.createQuery(
                        "SELECT COUNT(*) FROM training_job_metric WHERE metric = :metric AND "
                            + JOB))
                .bind("metric", value.name())
                .mapTo(Integer.class)
                .one()
            > 0;
    // Several hosts log: the newest value counts, not the one that was found last.
    of(
            key,
            handle.createUpdate(
                known
                    ? "UPDATE training_job_metric SET metric_value = :value, measured_at = :at"
                        + " WHERE metric = :metric AND measured_at <= :at AND "
                        + JOB
                    : """
                    INSERT INTO training_job_metric
                      (account, region, name, metric, metric_value, measured_at)
                    VALUES (:account, :region, :name, :metric, :value, :at)
                    """))
        .bind("metric", value.name())
        .bind("value", value.value())
        .bind("at", value.at().atOffset(ZoneOffset.UTC))
        .execute();
  }

  /** By name. */
  List<MetricValue> finalValues(TrainingJobKey key) {
    return jdbi.withHandle(handle ->
        of(
                key,
                handle.createQuery(
                    "SELECT metric, metric_value, measured_at FROM training_job_metric WHERE "
                        + JOB
                        + " ORDER BY metric"))
            .map((RowView row) ->
                new MetricValue(
                    row.getColumn("metric", String.class),
                    row.getColumn("metric_value", Double.class),
                    row.getColumn("measured_at", OffsetDateTime.class).toInstant()))
            .list());
  }

  private static <S extends SqlStatement<S>> S of(TrainingJobKey key, S statement) {
    return statement
        .bind("account", key.tenant().account())
        .bind("region", key.tenant().region())
        .bind("name", key.name().value());
  }
}
