package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.Tenant;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Finds jobs by what they are, page by page. */
public final class TrainingJobListStore {
  private final Jdbi jdbi;

  public TrainingJobListStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** What a list is ordered by; ties by name. */
  enum Order {
    NAME("name"),
    CREATION_TIME("created_at"),
    STATUS("status");

    private final String column;

    Order(String column) {
      this.column = column;
    }
  }

  /**
   * What is asked for; absent members do not restrict.
   *
   * @param after the sort key and the name of the last row that was shown
   */
  record Filter(
      @Nullable String nameContains,
      @Nullable String status,
      @Nullable Instant createdAfter,
      @Nullable Instant createdBefore,
      @Nullable Instant modifiedAfter,
      @Nullable Instant modifiedBefore,
      Order order,
      boolean descending,
      @Nullable Position after) {}

  /** A row's place in the order. */
  record Position(String sortKey, String name) {}

  /** What a list shows of a job. */
  record Summary(
      TrainingJobName name,
      String status,
      String secondaryStatus,
      Instant createdAt,
      Instant modifiedAt,
      Optional<Instant> trainingEndedAt) {
    /** Where it stands in this order. */
    Position position(Order order) {
      return new Position(
          switch (order) {
            case NAME -> name.value();
            case CREATION_TIME -> createdAt.toString();
            case STATUS -> status;
          },
          name.value());
    }
  }

  /** The first rows behind the position. */
  List<Summary> list(Tenant tenant, Filter filter, int limit) {
    StringBuilder sql =
        new StringBuilder(
            """
            SELECT name, status, secondary_status, created_at, modified_at, training_ended_at
            FROM training_job WHERE account = :account AND region = :region
            """);
    restrict(sql, filter.nameContains(), " AND name LIKE :contains ESCAPE '!'");
    restrict(sql, filter.status(), " AND status = :status");
    restrict(sql, filter.createdAfter(), " AND created_at > :createdAfter");
    restrict(sql, filter.createdBefore(), " AND created_at < :createdBefore");
    restrict(sql, filter.modifiedAfter(), " AND modified_at > :modifiedAfter");
    restrict(sql, filter.modifiedBefore(), " AND modified_at < :modifiedBefore");
    String column = filter.order().column;
    String direction = filter.descending() ? " DESC" : " ASC";
    if (filter.after() != null) {
      String beyond = filter.descending() ? " < " : " > ";
      sql.append(" AND (").append(column).append(beyond).append(":key OR (");
      sql.append(column).append(" = :key AND name").append(beyond).append(":name))");
    }
    sql.append(" ORDER BY ").append(column).append(direction);
    sql.append(", name").append(direction).append(" FETCH FIRST :limit ROWS ONLY");
    return jdbi.withHandle(handle -> {
      Query query =
          handle
              .createQuery(sql.toString())
              .bind("account", tenant.account())
              .bind("region", tenant.region())
              .bind("limit", limit);
      bind(query, filter);
      return query.map(TrainingJobListStore::summary).list();
    });
  }

  private static void restrict(StringBuilder sql, @Nullable Object value, String condition) {
    if (value != null) {
      sql.append(condition);
    }
  }

  private static void bind(Query query, Filter filter) {
    if (filter.nameContains() != null) {
      query.bind("contains", "%" + filter.nameContains().replaceAll("[!%_]", "!$0") + "%");
    }
    if (filter.status() != null) {
      query.bind("status", filter.status());
    }
    bind(query, "createdAfter", filter.createdAfter());
    bind(query, "createdBefore", filter.createdBefore());
    bind(query, "modifiedAfter", filter.modifiedAfter());
    bind(query, "modifiedBefore", filter.modifiedBefore());
    if (filter.after() != null) {
      query.bind("name", filter.after().name());
      if (filter.order() == Order.CREATION_TIME) {
        bind(query, "key", Instant.parse(filter.after().sortKey()));
      } else {
        query.bind("key", filter.after().sortKey());
      }
    }
  }

  private static void bind(Query query, String name, @Nullable Instant time) {
    if (time != null) {
      query.bind(name, time.atOffset(ZoneOffset.UTC));
    }
  }

  private static Summary summary(RowView row) {
    OffsetDateTime endedAt = row.getColumn("training_ended_at", OffsetDateTime.class);
    return new Summary(
        new TrainingJobName(row.getColumn("name", String.class)),
        row.getColumn("status", String.class),
        row.getColumn("secondary_status", String.class),
        row.getColumn("created_at", OffsetDateTime.class).toInstant(),
        row.getColumn("modified_at", OffsetDateTime.class).toInstant(),
        endedAt == null ? Optional.empty() : Optional.of(endedAt.toInstant()));
  }
}
