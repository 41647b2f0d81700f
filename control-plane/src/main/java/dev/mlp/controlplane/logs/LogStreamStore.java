package dev.mlp.controlplane.logs;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Inserts;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;

/** Which groups and streams there are. */
public final class LogStreamStore {
  private static final String COLUMNS =
      "account, region, group_name, stream_name, created_at, closed_at ";

  private final Jdbi jdbi;

  public LogStreamStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * A stream's row.
   *
   * @param closedAt empty while it may grow
   */
  record Stream(LogStreamId id, Instant createdAt, Optional<Instant> closedAt) {}

  void insertGroup(Tenant tenant, String group, Instant now) {
    if (groupExists(tenant, group)) {
      return;
    }
    Inserts.unlessPresent(() ->
        jdbi.useHandle(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO log_group (account, region, group_name, created_at)
                    VALUES (:account, :region, :group, :now)
                    """)
                .bind("account", tenant.account())
                .bind("region", tenant.region())
                .bind("group", group)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute()));
  }

  void insert(LogStreamId id, Instant now) {
    Inserts.unlessPresent(() ->
        jdbi.useHandle(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO log_stream
                      (account, region, group_name, stream_name, created_at)
                    VALUES (:account, :region, :group, :stream, :now)
                    """)
                .bind("account", id.tenant().account())
                .bind("region", id.tenant().region())
                .bind("group", id.group())
                .bind("stream", id.stream())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute()));
  }

  void setClosed(LogStreamId id, Instant now) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                UPDATE log_stream SET closed_at = :now
                WHERE account = :account AND region = :region
                AND group_name = :group AND stream_name = :stream AND closed_at IS NULL
                """)
            .bind("account", id.tenant().account())
            .bind("region", id.tenant().region())
            .bind("group", id.group())
            .bind("stream", id.stream())
            .bind("now", now.atOffset(ZoneOffset.UTC))
            .execute());
  }

  Optional<Stream> find(LogStreamId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + """
                    FROM log_stream WHERE account = :account AND region = :region
                    AND group_name = :group AND stream_name = :stream
                    """)
            .bind("account", id.tenant().account())
            .bind("region", id.tenant().region())
            .bind("group", id.group())
            .bind("stream", id.stream())
            .map(LogStreamStore::stream)
            .findOne());
  }

  boolean groupExists(Tenant tenant, String group) {
    return jdbi.withHandle(handle ->
        handle
                .createQuery(
                    """
                    SELECT COUNT(*) FROM log_group
                    WHERE account = :account AND region = :region AND group_name = :group
                    """)
                .bind("account", tenant.account())
                .bind("region", tenant.region())
                .bind("group", group)
                .mapTo(Integer.class)
                .one()
            > 0);
  }

  /** The streams of all tenants that may still grow. */
  List<Stream> open() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT " + COLUMNS + "FROM log_stream WHERE closed_at IS NULL")
            .map(LogStreamStore::stream)
            .list());
  }

  /** Streams by name: those with the prefix that come after {@code after} ("" for the first). */
  List<Stream> byName(
      Tenant tenant, String group, String prefix, String after, boolean descending, int limit) {
    String behind = descending ? "(:after = '' OR stream_name < :after) " : "stream_name > :after ";
    String order = descending ? "DESC " : "ASC ";
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + """
                    FROM log_stream
                    WHERE account = :account AND region = :region AND group_name = :group
                    AND stream_name LIKE :pattern ESCAPE '!' AND \
                    """
                    + behind
                    + "ORDER BY stream_name "
                    + order
                    + "FETCH FIRST :limit ROWS ONLY")
            .bind("account", tenant.account())
            .bind("region", tenant.region())
            .bind("group", group)
            .bind("pattern", prefix.replaceAll("[!%_]", "!$0") + "%")
            .bind("after", after)
            .bind("limit", limit)
            .map(LogStreamStore::stream)
            .list());
  }

  private static Stream stream(RowView row) {
    OffsetDateTime closedAt = row.getColumn("closed_at", OffsetDateTime.class);
    return new Stream(
        new LogStreamId(
            new Tenant(
                row.getColumn("account", String.class), row.getColumn("region", String.class)),
            row.getColumn("group_name", String.class),
            row.getColumn("stream_name", String.class)),
        row.getColumn("created_at", OffsetDateTime.class).toInstant(),
        closedAt == null ? Optional.empty() : Optional.of(closedAt.toInstant()));
  }
}
