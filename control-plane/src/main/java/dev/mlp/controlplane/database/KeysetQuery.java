package dev.mlp.controlplane.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;

/**
 * One page of a list of resources: the rows behind a position, in an order that new rows do not
 * disturb. Works on any table with {@code account}, {@code region}, {@code name} and {@code
 * created_at}; some filters and sort keys need {@code modified_at} or {@code state_kind}, too.
 */
public final class KeysetQuery {
  /** What the rows are sorted by; the name decides between equals. */
  public enum SortKey {
    NAME("name"),
    CREATION_TIME("created_at"),
    STATUS("state_kind");

    private final String column;

    SortKey(String column) {
      this.column = column;
    }
  }

  /**
   * A page.
   *
   * @param next where the next page begins; empty on the last one
   */
  public record Page<T>(List<T> rows, Optional<List<String>> next) {
    public Page {
      rows = List.copyOf(rows);
    }
  }

  private record Positioned<T>(T row, List<String> position) {}

  private final String table;
  private final SortKey sortKey;
  private final boolean descending;
  private final StringBuilder conditions =
      new StringBuilder("account = :account AND region = :region");
  private final Map<String, Object> parameters = new LinkedHashMap<>();

  /**
   * @param table a constant of the store that asks, never text from outside
   */
  public KeysetQuery(
      String table, String account, String region, SortKey sortKey, boolean descending) {
    this.table = table;
    this.sortKey = sortKey;
    this.descending = descending;
    parameters.put("account", account);
    parameters.put("region", region);
  }

  public KeysetQuery nameContains(Optional<String> part) {
    return filter("POSITION(:namePart IN name) > 0", "namePart", part);
  }

  public KeysetQuery createdAfter(Optional<Instant> time) {
    return filter("created_at > :createdAfter", "createdAfter", time.map(KeysetQuery::utc));
  }

  public KeysetQuery createdBefore(Optional<Instant> time) {
    return filter("created_at < :createdBefore", "createdBefore", time.map(KeysetQuery::utc));
  }

  public KeysetQuery modifiedAfter(Optional<Instant> time) {
    return filter("modified_at > :modifiedAfter", "modifiedAfter", time.map(KeysetQuery::utc));
  }

  public KeysetQuery modifiedBefore(Optional<Instant> time) {
    return filter("modified_at < :modifiedBefore", "modifiedBefore", time.map(KeysetQuery::utc));
  }

  public KeysetQuery status(Optional<String> kind) {
    return filter("state_kind = :stateKind", "stateKind", kind);
  }

  /**
   * Goes on behind a page that was read in the same order.
   *
   * @throws IllegalArgumentException for a position of another order
   */
  public KeysetQuery behind(Optional<List<String>> position) {
    if (position.isEmpty()) {
      return this;
    }
    List<String> values = position.get();
    if (values.size() != 3 || !values.get(0).equals(order())) {
      throw new IllegalArgumentException("position " + values + ": expected one of " + order());
    }
    String comparison = descending ? "<" : ">";
    parameters.put("lastName", values.get(2));
    if (sortKey == SortKey.NAME) {
      conditions.append(" AND name ").append(comparison).append(" :lastName");
      return this;
    }
    parameters.put(
        "lastKey", sortKey == SortKey.CREATION_TIME ? utc(instant(values.get(1))) : values.get(1));
    conditions.append(
        " AND (%1$s %2$s :lastKey OR (%1$s = :lastKey AND name %2$s :lastName))"
            .formatted(sortKey.column, comparison));
    return this;
  }

  /** Reads at most {@code limit} rows. */
  public <T> Page<T> page(Handle handle, int limit, RowMapper<T> mapper) {
    String direction = descending ? "DESC" : "ASC";
    String sql =
        "SELECT * FROM %s WHERE %s ORDER BY %s %s, name %s FETCH FIRST %d ROWS ONLY"
            .formatted(table, conditions, sortKey.column, direction, direction, limit + 1);
    List<Positioned<T>> found;
    try (Query query = handle.createQuery(sql)) {
      parameters.forEach(query::bind);
      found =
          query
              .map((row, context) -> new Positioned<>(mapper.map(row, context), position(row)))
              .list();
    }
    List<T> rows = new ArrayList<>();
    found.stream().limit(limit).forEach(positioned -> rows.add(positioned.row()));
    return new Page<>(
        rows,
        found.size() > limit ? Optional.of(found.get(limit - 1).position()) : Optional.empty());
  }

  private List<String> position(ResultSet row) throws SQLException {
    String key =
        switch (sortKey) {
          case NAME -> "";
          case CREATION_TIME ->
              row.getObject("created_at", OffsetDateTime.class).toInstant().toString();
          case STATUS -> row.getString("state_kind");
        };
    return List.of(order(), key, row.getString("name"));
  }

  private String order() {
    return sortKey.column + (descending ? "-" : "+");
  }

  private KeysetQuery filter(String condition, String name, Optional<?> value) {
    if (value.isPresent()) {
      conditions.append(" AND ").append(condition);
      parameters.put(name, value.get());
    }
    return this;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("position with time '" + text + "'", e);
    }
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
