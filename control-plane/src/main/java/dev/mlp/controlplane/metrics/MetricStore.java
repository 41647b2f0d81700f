package dev.mlp.controlplane.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlp.controlplane.access.Tenant;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/** The minutes of every series. */
public final class MetricStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_LIST = 500;
  private static final int MINUTES_PER_HOUR = 60;
  private static final Duration ACTIVITY = Duration.ofHours(1);

  private final Jdbi jdbi;

  public MetricStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** All or none; what this writer has said of these minutes before is replaced. */
  void write(Collection<LiveMetric.Pending> minutes, Instant now) {
    jdbi.useTransaction(handle -> {
      Map<String, MetricSeries> series = new LinkedHashMap<>();
      minutes.forEach(minute -> series.put(digest(minute.series()), minute.series()));
      Map<MetricSeries, Long> ids = ids(handle, series, now);
      replace(handle, minutes, ids);
    });
  }

  private static void replace(
      Handle handle, Collection<LiveMetric.Pending> minutes, Map<MetricSeries, Long> ids) {
    try (PreparedBatch deletes =
            handle.prepareBatch(
                """
                DELETE FROM metric_minute
                WHERE epoch_hour = :hour AND series_id = :series AND epoch_minute = :minute
                  AND writer = :writer
                """);
        PreparedBatch inserts =
            handle.prepareBatch(
                """
                INSERT INTO metric_minute
                  (epoch_hour, series_id, epoch_minute, writer,
                   sample_count, sample_sum, sample_min, sample_max, sketch)
                VALUES (:hour, :series, :minute, :writer, :count, :sum, :min, :max, :sketch)
                """)) {
      for (LiveMetric.Pending minute : minutes) {
        if (minute.mayBeThere()) {
          key(deletes, minute, ids).add();
        }
        key(inserts, minute, ids)
            .bind("count", minute.aggregate().count())
            .bind("sum", minute.aggregate().sum())
            .bind("min", minute.aggregate().min())
            .bind("max", minute.aggregate().max())
            .bind("sketch", minute.aggregate().sketch().encode())
            .add();
      }
      deletes.execute();
      inserts.execute();
    }
  }

  private static PreparedBatch key(
      PreparedBatch batch, LiveMetric.Pending minute, Map<MetricSeries, Long> ids) {
    return batch
        .bind("hour", Math.floorDiv(minute.epochMinute(), MINUTES_PER_HOUR))
        .bind("series", ids.get(minute.series()))
        .bind("minute", minute.epochMinute())
        .bind("writer", minute.writer());
  }

  /**
   * The series' rows, made where there are none. Where another writer makes one at the same moment,
   * the transaction fails and is tried again.
   */
  private static Map<MetricSeries, Long> ids(
      Handle handle, Map<String, MetricSeries> series, Instant now) {
    Map<MetricSeries, Long> ids = new HashMap<>();
    List<Long> stale = new ArrayList<>();
    OffsetDateTime recent = utc(now.minus(ACTIVITY));
    for (List<String> digests : lists(series.keySet())) {
      try (Query query =
          handle.createQuery(
              "SELECT id, digest, written_at FROM metric_series WHERE digest IN (<digests>)")) {
        query
            .bindList("digests", digests)
            .map((RowView row) -> {
              Long id = row.getColumn("id", Long.class);
              ids.put(series.get(row.getColumn("digest", String.class)), id);
              if (row.getColumn("written_at", OffsetDateTime.class).isBefore(recent)) {
                stale.add(id);
              }
              return id;
            })
            .list();
      }
    }
    for (List<Long> some : lists(stale)) {
      handle
          .createUpdate("UPDATE metric_series SET written_at = :now WHERE id IN (<ids>)")
          .bind("now", utc(now))
          .bindList("ids", some)
          .execute();
    }
    series.forEach(
        (digest, each) -> ids.computeIfAbsent(each, _ -> insert(handle, digest, each, now)));
    return ids;
  }

  private static Long insert(Handle handle, String digest, MetricSeries series, Instant now) {
    MetricId id = series.id();
    return handle
        .createUpdate(
            """
            INSERT INTO metric_series
              (digest, account, region, namespace, name, dimensions, unit, written_at)
            VALUES (:digest, :account, :region, :namespace, :name, :dimensions, :unit, :now)
            """)
        .bind("digest", digest)
        .bind("account", id.tenant().account())
        .bind("region", id.tenant().region())
        .bind("namespace", id.namespace())
        .bind("name", id.name())
        .bind("dimensions", dimensions(id))
        .bind("unit", series.unit())
        .bind("now", utc(now))
        .executeAndReturnGeneratedKeys("id")
        .mapTo(Long.class)
        .one();
  }

  /** The minutes in {@code [from, to)} of a metric, of every unit and writer. */
  List<StoredMinute> minutes(MetricId id, int from, int to) {
    List<Integer> hours =
        IntStream.rangeClosed(
                Math.floorDiv(from, MINUTES_PER_HOUR), Math.floorDiv(to - 1, MINUTES_PER_HOUR))
            .boxed()
            .toList();
    return jdbi.withHandle(handle -> {
      List<StoredMinute> minutes = new ArrayList<>();
      units(handle, id)
          .forEach((series, unit) -> {
            for (List<Integer> some : lists(hours)) {
              minutes.addAll(minutes(handle, series, unit, some, from, to));
            }
          });
      return minutes;
    });
  }

  private static Map<Long, String> units(Handle handle, MetricId id) {
    Map<Long, String> units = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT id, unit FROM metric_series
            WHERE account = :account AND region = :region AND namespace = :namespace
              AND name = :name AND dimensions = :dimensions
            """)
        .bind("account", id.tenant().account())
        .bind("region", id.tenant().region())
        .bind("namespace", id.namespace())
        .bind("name", id.name())
        .bind("dimensions", dimensions(id))
        .map((RowView row) ->
            units.put(row.getColumn("id", Long.class), row.getColumn("unit", String.class)))
        .list();
    return units;
  }

  private static List<StoredMinute> minutes(
      Handle handle, long series, String unit, List<Integer> hours, int from, int to) {
    try (Query query =
        handle.createQuery(
            """
            SELECT epoch_minute, writer, sample_count, sample_sum, sample_min, sample_max, sketch
            FROM metric_minute
            WHERE epoch_hour IN (<hours>) AND series_id = :series
              AND epoch_minute >= :from AND epoch_minute < :to
            """)) {
      return query
          .bindList("hours", hours)
          .bind("series", series)
          .bind("from", from)
          .bind("to", to)
          .map((RowView row) ->
              new StoredMinute(
                  unit,
                  row.getColumn("epoch_minute", Integer.class),
                  row.getColumn("writer", Long.class),
                  Aggregate.of(
                      row.getColumn("sample_count", Double.class),
                      row.getColumn("sample_sum", Double.class),
                      row.getColumn("sample_min", Double.class),
                      row.getColumn("sample_max", Double.class),
                      Sketch.decode(row.getColumn("sketch", byte[].class)))))
          .list();
    }
  }

  /** The metrics that something was written of since then, in no order. */
  List<MetricId> written(
      Tenant tenant, Optional<String> namespace, Optional<String> name, Instant since) {
    return jdbi.withHandle(handle -> {
      try (Query query =
          handle.createQuery(
              """
              SELECT DISTINCT namespace, name, dimensions FROM metric_series
              WHERE account = :account AND region = :region AND written_at >= :since
              """
                  + (namespace.isPresent() ? " AND namespace = :namespace" : "")
                  + (name.isPresent() ? " AND name = :name" : ""))) {
        namespace.ifPresent(value -> query.bind("namespace", value));
        name.ifPresent(value -> query.bind("name", value));
        return query
            .bind("account", tenant.account())
            .bind("region", tenant.region())
            .bind("since", utc(since.minus(ACTIVITY)))
            .map((RowView row) ->
                new MetricId(
                    tenant,
                    row.getColumn("namespace", String.class),
                    row.getColumn("name", String.class),
                    dimensions(row.getColumn("dimensions", String.class))))
            .list();
      }
    });
  }

  /** Deletes the minutes of hours that end before then, and the series that have none since. */
  void forget(Instant before) {
    jdbi.useTransaction(handle -> {
      handle
          .createUpdate("DELETE FROM metric_minute WHERE epoch_hour < :hour")
          .bind("hour", Math.floorDiv(before.getEpochSecond(), 3600))
          .execute();
      handle
          .createUpdate("DELETE FROM metric_series WHERE written_at < :before")
          .bind("before", utc(before.minus(ACTIVITY)))
          .execute();
    });
  }

  private static String dimensions(MetricId id) {
    try {
      return JSON.writeValueAsString(
          id.dimensions().stream().map(d -> List.of(d.name(), d.value())).toList());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // strings can always be written
    }
  }

  private static List<Dimension> dimensions(String json) {
    try {
      List<Dimension> dimensions = new ArrayList<>();
      JSON.readTree(json)
          .forEach(
              pair -> dimensions.add(new Dimension(pair.path(0).asText(), pair.path(1).asText())));
      return dimensions;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("dimensions " + json, e);
    }
  }

  private static String digest(MetricSeries series) {
    MetricId id = series.id();
    try {
      byte[] text =
          JSON.writeValueAsBytes(
              List.of(
                  id.tenant().account(),
                  id.tenant().region(),
                  id.namespace(),
                  id.name(),
                  dimensions(id),
                  series.unit()));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (JsonProcessingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // strings can be written, and Java has SHA-256
    }
  }

  private static <T> List<List<T>> lists(Collection<T> all) {
    List<T> list = List.copyOf(all);
    List<List<T>> lists = new ArrayList<>();
    for (int i = 0; i < list.size(); i += LONGEST_LIST) {
      lists.add(list.subList(i, Math.min(i + LONGEST_LIST, list.size())));
    }
    return lists;
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
