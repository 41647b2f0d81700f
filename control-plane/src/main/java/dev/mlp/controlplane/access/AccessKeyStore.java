package dev.mlp.controlplane.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/** The accounts and their access keys. */
public final class AccessKeyStore {
  private final Jdbi jdbi;

  public AccessKeyStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** The rows of the instances' keys, in the same database. */
  InstanceKeyStore instances() {
    return new InstanceKeyStore(jdbi);
  }

  /** Every key of every account, oldest first. */
  public List<AccessKey> all() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT access_key_id, secret, account, role, status, created_at
                FROM access_key ORDER BY created_at, access_key_id
                """)
            .map(AccessKeyStore::row)
            .list());
  }

  /** The oldest account: the one of the first start. */
  public Optional<String> firstAccount() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                "SELECT account FROM account ORDER BY created_at, account FETCH FIRST 1 ROWS ONLY")
            .mapTo(String.class)
            .findOne());
  }

  /** Makes an account with its first key: both, or neither. */
  void insertAccount(AccessKey first) {
    jdbi.useTransaction(handle -> {
      handle
          .createUpdate("INSERT INTO account (account, created_at) VALUES (:account, :now)")
          .bind("account", first.account())
          .bind("now", utc(first.createdAt()))
          .execute();
      insert(handle, first);
    });
  }

  void insert(AccessKey key) {
    jdbi.useHandle(handle -> insert(handle, key));
  }

  void delete(String id) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("DELETE FROM access_key WHERE access_key_id = :id")
            .bind("id", id)
            .execute());
  }

  private static void insert(Handle handle, AccessKey key) {
    handle
        .createUpdate(
            """
            INSERT INTO access_key (access_key_id, secret, account, role, status, created_at)
            VALUES (:id, :secret, :account, :role, :status, :now)
            """)
        .bind("id", key.id())
        .bind("secret", key.secret())
        .bind("account", key.account())
        .bind("role", key.role().name())
        .bind("status", key.status().name())
        .bind("now", utc(key.createdAt()))
        .execute();
  }

  private static AccessKey row(ResultSet row, StatementContext context) throws SQLException {
    return new AccessKey(
        row.getString("access_key_id"),
        row.getString("secret"),
        row.getString("account"),
        Role.valueOf(row.getString("role")),
        AccessKey.Status.valueOf(row.getString("status")),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
