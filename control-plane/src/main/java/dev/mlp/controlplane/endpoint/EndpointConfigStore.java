package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Inserts;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.wire.WireCodec;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;

/** The endpoint configurations' rows. */
public final class EndpointConfigStore {
  static final String TABLE = "endpoint_config";

  private static final RowMapper<EndpointConfig> CONFIG =
      (row, _) ->
          new EndpointConfig(
              new Tenant(row.getString("account"), row.getString("region")),
              WireCodec.read(row.getString("request"), CreateEndpointConfigRequest::builder),
              row.getObject("created_at", OffsetDateTime.class).toInstant());

  private final Jdbi jdbi;

  public EndpointConfigStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Adds the configuration; false, and nothing changed, where the name is taken. */
  boolean insert(EndpointConfig config) {
    return Inserts.unlessPresent(() ->
        jdbi.useHandle(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO endpoint_config (account, region, name, request, created_at)
                    VALUES (:account, :region, :name, :request, :createdAt)
                    """)
                .bind("account", config.tenant().account())
                .bind("region", config.tenant().region())
                .bind("name", config.name())
                .bind("request", WireCodec.write(config.request()))
                .bind("createdAt", config.createdAt().atOffset(ZoneOffset.UTC))
                .execute()));
  }

  Optional<EndpointConfig> find(Tenant tenant, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT * FROM endpoint_config
                WHERE account = :account AND region = :region AND name = :name
                """)
            .bind("account", tenant.account())
            .bind("region", tenant.region())
            .bind("name", name)
            .map(CONFIG)
            .findOne());
  }

  KeysetQuery.Page<EndpointConfig> page(KeysetQuery query, int limit) {
    return jdbi.withHandle(handle -> query.page(handle, limit, CONFIG));
  }

  /** Removes the configuration; false where there is none. */
  boolean delete(Tenant tenant, String name) {
    return jdbi.withHandle(handle ->
        handle
                .createUpdate(
                    """
                    DELETE FROM endpoint_config
                    WHERE account = :account AND region = :region AND name = :name
                    """)
                .bind("account", tenant.account())
                .bind("region", tenant.region())
                .bind("name", name)
                .execute()
            == 1);
  }
}
