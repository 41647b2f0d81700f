package dev.mlp.controlplane.model;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Inserts;
import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.wire.WireCodec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import software.amazon.awssdk.services.sagemaker.model.CreateModelRequest;

/** The models' rows. */
public final class ModelStore {
  static final String TABLE = "model";

  private final Jdbi jdbi;

  public ModelStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Adds the model; false, and nothing changed, where the name is taken. */
  boolean insert(Model model) {
    return Inserts.unlessPresent(() ->
        jdbi.useHandle(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO model (account, region, name, request, created_at)
                    VALUES (:account, :region, :name, :request, :createdAt)
                    """)
                .bind("account", model.tenant().account())
                .bind("region", model.tenant().region())
                .bind("name", model.name())
                .bind("request", WireCodec.write(model.request()))
                .bind("createdAt", model.createdAt().atOffset(ZoneOffset.UTC))
                .execute()));
  }

  Optional<Model> find(Tenant tenant, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT * FROM model
                WHERE account = :account AND region = :region AND name = :name
                """)
            .bind("account", tenant.account())
            .bind("region", tenant.region())
            .bind("name", name)
            .map((row, _) -> model(row))
            .findOne());
  }

  KeysetQuery.Page<Model> page(KeysetQuery query, int limit) {
    return jdbi.withHandle(handle -> query.page(handle, limit, (row, _) -> model(row)));
  }

  /** Removes the model; false where there is none. */
  boolean delete(Tenant tenant, String name) {
    return jdbi.withHandle(handle ->
        handle
                .createUpdate(
                    """
                    DELETE FROM model
                    WHERE account = :account AND region = :region AND name = :name
                    """)
                .bind("account", tenant.account())
                .bind("region", tenant.region())
                .bind("name", name)
                .execute()
            == 1);
  }

  private static Model model(ResultSet row) throws SQLException {
    return Model.of(
        new Tenant(row.getString("account"), row.getString("region")),
        WireCodec.read(row.getString("request"), CreateModelRequest::builder),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
