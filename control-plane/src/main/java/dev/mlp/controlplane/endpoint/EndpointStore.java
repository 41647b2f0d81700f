package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.database.Inserts;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.invocation.EndpointKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;

/** The rows of endpoints: their own, generations, capacities and instances. */
public final class EndpointStore {
  static final String TABLE = "endpoint";

  private final Jdbi jdbi;

  public EndpointStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Adds an endpoint with its first generation; false, and nothing changed, where the name is
   * taken.
   *
   * @param request as JSON in wire names
   */
  boolean insert(
      Endpoint endpoint, String request, Generation generation, List<VariantCapacity> capacities) {
    return Inserts.unlessPresent(() ->
        jdbi.useTransaction(handle -> {
          insertEndpoint(handle, endpoint, request);
          insertGeneration(handle, endpoint.key(), generation);
          for (VariantCapacity capacity : capacities) {
            insertCapacity(handle, endpoint.key(), capacity);
          }
        }));
  }

  Optional<Endpoint> find(EndpointKey key) {
    return jdbi.withHandle(handle -> find(handle, key));
  }

  /** Everything of the endpoint, as it is at one moment. */
  Optional<EndpointView> load(EndpointKey key) {
    return jdbi.inTransaction(handle ->
        find(handle, key)
            .map(endpoint ->
                new EndpointView(
                    endpoint,
                    rows(handle, key, "endpoint_generation", "generation", GENERATION),
                    rows(handle, key, "endpoint_capacity", "variant", CAPACITY),
                    rows(handle, key, "endpoint_instance", "instance_id", INSTANCE))));
  }

  /** Every endpoint there is. */
  List<EndpointKey> all() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT account, region, name FROM endpoint")
            .map((row, _) -> key(row, "name"))
            .list());
  }

  /** Those that have something on the way. */
  List<EndpointKey> unsettled() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT account, region, name FROM endpoint e
                WHERE e.state_kind IN ('Creating', 'Deleting')
                OR EXISTS (SELECT 1 FROM endpoint_instance i
                  WHERE i.account = e.account AND i.region = e.region AND i.endpoint = e.name
                  AND i.state_kind <> 'Ready')
                """)
            .map((row, _) -> key(row, "name"))
            .list());
  }

  /** The groups of all instances, whatever their state. */
  Set<GroupId> groups() {
    return new HashSet<>(
        jdbi.withHandle(handle ->
            handle
                .createQuery("SELECT group_id FROM endpoint_instance")
                .map((row, _) -> new GroupId(row.getString("group_id")))
                .list()));
  }

  KeysetQuery.Page<Endpoint> page(KeysetQuery query, int limit) {
    return jdbi.withHandle(handle -> query.page(handle, limit, ENDPOINT));
  }

  /** Changes the state, unless somebody else has changed the row since it was read. */
  boolean update(Endpoint endpoint, EndpointState state, Instant now) {
    return jdbi.withHandle(handle ->
        bind(
                    handle.createUpdate(
                        """
                        UPDATE endpoint SET state_kind = :kind, state = :state,
                          version = version + 1, modified_at = :now
                        WHERE account = :account AND region = :region AND name = :name
                        AND version = :version
                        """),
                    endpoint.key())
                .bind("kind", state.status())
                .bind("state", StateJson.write(state))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("version", endpoint.version())
                .execute()
            == 1);
  }

  /** Removes everything of an endpoint that is being deleted, unless its row has changed. */
  boolean vanish(Endpoint endpoint) {
    return jdbi.inTransaction(handle -> {
      int deleted =
          bind(
                  handle.createUpdate(
                      """
                      DELETE FROM endpoint
                      WHERE account = :account AND region = :region AND name = :name
                      AND version = :version
                      """),
                  endpoint.key())
              .bind("version", endpoint.version())
              .execute();
      if (deleted == 0) {
        return false;
      }
      for (String table :
          List.of("endpoint_generation", "endpoint_capacity", "endpoint_instance")) {
        bind(
                handle.createUpdate(
                    "DELETE FROM "
                        + table
                        + " WHERE account = :account AND region = :region AND endpoint = :name"),
                endpoint.key())
            .execute();
      }
      return true;
    });
  }

  /** Adds an instance, unless the endpoint's row has changed since the decision. */
  boolean insert(Endpoint endpoint, Instance instance) {
    return jdbi.withHandle(handle ->
        bind(
                    handle.createUpdate(
                        """
                        INSERT INTO endpoint_instance (account, region, endpoint, instance_id,
                          variant, generation, group_id, state_kind, state, version, created_at)
                        SELECT account, region, name, CAST(:id AS VARCHAR),
                          CAST(:variant AS VARCHAR), CAST(:generation AS BIGINT),
                          CAST(:group AS VARCHAR), CAST(:kind AS VARCHAR),
                          CAST(:state AS VARCHAR), CAST(:instanceVersion AS BIGINT),
                          CAST(:createdAt AS TIMESTAMP WITH TIME ZONE)
                        FROM endpoint
                        WHERE account = :account AND region = :region AND name = :name
                        AND version = :version
                        """),
                    endpoint.key())
                .bind("id", instance.id())
                .bind("variant", instance.variant())
                .bind("generation", instance.generation())
                .bind("group", instance.group().value())
                .bind("kind", instance.state().kind())
                .bind("state", StateJson.write(instance.state()))
                .bind("instanceVersion", instance.version())
                .bind("createdAt", instance.createdAt().atOffset(ZoneOffset.UTC))
                .bind("version", endpoint.version())
                .execute()
            == 1);
  }

  /** Changes the state, unless somebody else has changed the row since it was read. */
  boolean update(EndpointKey key, Instance instance, InstanceState state) {
    return jdbi.withHandle(handle ->
        bind(
                    handle.createUpdate(
                        """
                        UPDATE endpoint_instance SET state_kind = :kind, state = :state,
                          version = version + 1
                        WHERE account = :account AND region = :region AND endpoint = :name
                        AND instance_id = :id AND version = :version
                        """),
                    key)
                .bind("kind", state.kind())
                .bind("state", StateJson.write(state))
                .bind("id", instance.id())
                .bind("version", instance.version())
                .execute()
            == 1);
  }

  void delete(EndpointKey key, String instance) {
    jdbi.useHandle(handle ->
        bind(
                handle.createUpdate(
                    """
                    DELETE FROM endpoint_instance
                    WHERE account = :account AND region = :region AND endpoint = :name
                    AND instance_id = :id
                    """),
                key)
            .bind("id", instance)
            .execute());
  }

  private static Optional<Endpoint> find(Handle handle, EndpointKey key) {
    try (Query query =
        handle.createQuery(
            """
            SELECT * FROM endpoint
            WHERE account = :account AND region = :region AND name = :name
            """)) {
      return bind(query, key).map(ENDPOINT).findOne();
    }
  }

  private static <T> List<T> rows(
      Handle handle, EndpointKey key, String table, String order, RowMapper<T> mapper) {
    try (Query query =
        handle.createQuery(
            "SELECT * FROM "
                + table
                + " WHERE account = :account AND region = :region AND endpoint = :name ORDER BY "
                + order)) {
      return bind(query, key).map(mapper).list();
    }
  }

  private static void insertEndpoint(Handle handle, Endpoint endpoint, String request) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO endpoint (account, region, name, request, generation, state_kind, state,
                  version, created_at, modified_at)
                VALUES (:account, :region, :name, :request, :generation, :kind, :state,
                  :version, :createdAt, :modifiedAt)
                """),
            endpoint.key())
        .bind("request", request)
        .bind("generation", endpoint.generation())
        .bind("kind", endpoint.state().status())
        .bind("state", StateJson.write(endpoint.state()))
        .bind("version", endpoint.version())
        .bind("createdAt", endpoint.createdAt().atOffset(ZoneOffset.UTC))
        .bind("modifiedAt", endpoint.modifiedAt().atOffset(ZoneOffset.UTC))
        .execute();
  }

  private static void insertGeneration(Handle handle, EndpointKey key, Generation generation) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO endpoint_generation (account, region, endpoint, generation, config_name,
                  variants, created_at)
                VALUES (:account, :region, :name, :generation, :config, :variants, :createdAt)
                """),
            key)
        .bind("generation", generation.number())
        .bind("config", generation.configName())
        .bind("variants", StateJson.write(generation.variants()))
        .bind("createdAt", generation.createdAt().atOffset(ZoneOffset.UTC))
        .execute();
  }

  private static void insertCapacity(Handle handle, EndpointKey key, VariantCapacity capacity) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO endpoint_capacity (account, region, endpoint, variant, desired_count,
                  weight)
                VALUES (:account, :region, :name, :variant, :desired, :weight)
                """),
            key)
        .bind("variant", capacity.variant())
        .bind("desired", capacity.desiredCount())
        .bind("weight", capacity.weight())
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, EndpointKey key) {
    return statement
        .bind("account", key.tenant().account())
        .bind("region", key.tenant().region())
        .bind("name", key.name());
  }

  private static EndpointKey key(ResultSet row, String nameColumn) throws SQLException {
    return new EndpointKey(
        new Tenant(row.getString("account"), row.getString("region")), row.getString(nameColumn));
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static final RowMapper<Endpoint> ENDPOINT =
      (row, _) ->
          new Endpoint(
              key(row, "name"),
              row.getLong("generation"),
              StateJson.endpoint(row.getString("state_kind"), row.getString("state")),
              row.getLong("version"),
              time(row, "created_at"),
              time(row, "modified_at"));

  private static final RowMapper<Generation> GENERATION =
      (row, _) ->
          new Generation(
              row.getLong("generation"),
              row.getString("config_name"),
              StateJson.variants(row.getString("variants")),
              time(row, "created_at"));

  private static final RowMapper<VariantCapacity> CAPACITY =
      (row, _) ->
          new VariantCapacity(
              row.getString("variant"), row.getInt("desired_count"), row.getDouble("weight"));

  private static final RowMapper<Instance> INSTANCE =
      (row, _) ->
          new Instance(
              row.getString("instance_id"),
              row.getString("variant"),
              row.getLong("generation"),
              new GroupId(row.getString("group_id")),
              StateJson.instance(row.getString("state_kind"), row.getString("state")),
              row.getLong("version"),
              time(row, "created_at"));

  /** The variant that an instance belongs to. */
  public Optional<String> variant(GroupId group) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT variant FROM endpoint_instance WHERE group_id = :group")
            .bind("group", group.value())
            .mapTo(String.class)
            .findOne());
  }
}
