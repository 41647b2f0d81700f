package dev.mlp.controlplane.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlp.controlplane.database.Inserts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The rows of the instances' access keys. */
final class InstanceKeyStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Jdbi jdbi;

  InstanceKeyStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  List<InstanceKey> all() {
    return jdbi.withHandle(handle ->
        handle.createQuery("SELECT * FROM instance_key").map((row, _) -> key(row)).list());
  }

  Optional<InstanceKey> find(String group, String host) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT * FROM instance_key WHERE group_id = :group AND host = :host")
            .bind("group", group)
            .bind("host", host)
            .map((row, _) -> key(row))
            .findOne());
  }

  /** Adds the key; false, and nothing changed, where the instance has one. */
  boolean insert(InstanceKey key) {
    return Inserts.unlessPresent(() ->
        jdbi.useHandle(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO instance_key
                      (access_key_id, secret, account, group_id, host, scope, created_at)
                    VALUES (:id, :secret, :account, :group, :host, :scope, :createdAt)
                    """)
                .bind("id", key.key().id())
                .bind("secret", key.key().secret())
                .bind("account", key.key().account())
                .bind("group", key.group())
                .bind("host", key.host())
                .bind("scope", write(key.scope()))
                .bind("createdAt", key.key().createdAt().atOffset(ZoneOffset.UTC))
                .execute()));
  }

  /** Brings the row to the key's scope. */
  void update(InstanceKey key) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("UPDATE instance_key SET scope = :scope WHERE access_key_id = :id")
            .bind("scope", write(key.scope()))
            .bind("id", key.key().id())
            .execute());
  }

  void deleteGroup(String group) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("DELETE FROM instance_key WHERE group_id = :group")
            .bind("group", group)
            .execute());
  }

  private static InstanceKey key(ResultSet row) throws SQLException {
    return new InstanceKey(
        new AccessKey(
            row.getString("access_key_id"),
            row.getString("secret"),
            row.getString("account"),
            Role.INSTANCE,
            AccessKey.Status.ACTIVE,
            row.getObject("created_at", OffsetDateTime.class).toInstant()),
        row.getString("group_id"),
        row.getString("host"),
        scope(row.getString("scope")));
  }

  /** By hand, so that renaming a type changes no row. */
  private static String write(StoreScope scope) {
    ObjectNode json = JSON.createObjectNode();
    scope.readable().forEach(area -> write(area, json.withArray("read").addObject()));
    scope.writable().forEach(area -> write(area, json.withArray("write").addObject()));
    return json.toString();
  }

  private static void write(StoreScope.Area area, ObjectNode json) {
    json.put("bucket", area.bucket()).put(area.kind().name().toLowerCase(Locale.ROOT), area.key());
  }

  private static StoreScope scope(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return new StoreScope(areas(json.path("read")), areas(json.path("write")));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an instance key's scope cannot be read", e);
    }
  }

  private static List<StoreScope.Area> areas(JsonNode list) {
    List<StoreScope.Area> areas = new ArrayList<>();
    for (JsonNode area : list) {
      String bucket = area.path("bucket").asText();
      areas.add(
          area.has("prefix")
              ? StoreScope.Area.prefix(bucket, area.path("prefix").asText())
              : StoreScope.Area.object(bucket, area.path("object").asText()));
    }
    return areas;
  }
}
