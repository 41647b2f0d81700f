package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.database.Inserts;
import dev.mlp.controlplane.wire.WireCodec;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;

/** The rows of training jobs and of the phases that they went through. */
public final class TrainingJobStore {
  private static final String JOB = "account = :account AND region = :region AND name = :name";
  private static final String COLUMNS =
      "account, region, name, group_id, request, state_kind, state, version, created_at,"
          + " modified_at ";

  private final Jdbi jdbi;

  public TrainingJobStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** A job with what only the API shows of it. */
  record Stored(TrainingJob job, String requestJson, Instant modifiedAt) {}

  /** A phase with its end; empty while it lasts. */
  record PhaseRow(String status, String message, Instant startedAt, Optional<Instant> endedAt) {}

  /**
   * Adds a job in its first state.
   *
   * @return false when there is one of this name
   */
  boolean insert(
      TrainingJobKey key,
      GroupId group,
      String requestJson,
      TrainingJobState state,
      Transition transition) {
    return Inserts.unlessPresent(() ->
        jdbi.useTransaction(handle -> {
          of(
                  key,
                  handle.createUpdate(
                      """
                      INSERT INTO training_job (account, region, name, group_id, request,
                        state_kind, state, status, secondary_status, settled, version,
                        created_at, modified_at)
                      VALUES (:account, :region, :name, :group, :request, :kind, :state,
                        :status, :secondary, FALSE, 1, :now, :now)
                      """))
              .bind("group", group.value())
              .bind("request", requestJson)
              .bind("kind", TrainingJobStateJson.kind(state))
              .bind("state", TrainingJobStateJson.data(state))
              .bind("status", state.phase().status())
              .bind("secondary", state.phase().secondaryStatus())
              .bind("now", utc(transition.at()))
              .execute();
          insertPhase(handle, key, 1, transition);
        }));
  }

  Optional<Stored> find(TrainingJobKey key) {
    return jdbi.withHandle(handle ->
        of(key, handle.createQuery("SELECT " + COLUMNS + "FROM training_job WHERE " + JOB))
            .map(TrainingJobStore::stored)
            .findOne());
  }

  /** Whose instance group it is. */
  Optional<TrainingJobKey> findByGroup(GroupId group) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT account, region, name FROM training_job WHERE group_id = :group")
            .bind("group", group.value())
            .map(TrainingJobStore::key)
            .findOne());
  }

  /** The jobs that are not at rest. */
  List<TrainingJobKey> unsettled() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                SELECT account, region, name FROM training_job WHERE settled = FALSE
                ORDER BY created_at, name
                """)
            .map(TrainingJobStore::key)
            .list());
  }

  /** The instance groups of the jobs that are not at rest. */
  Set<GroupId> trackedGroups() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT group_id FROM training_job WHERE settled = FALSE")
            .mapTo(String.class)
            .map(GroupId::new)
            .collect(Collectors.toSet()));
  }

  /**
   * Takes the new state, unless the row has changed since the job was read.
   *
   * @return false when it has: what was decided is stale
   */
  boolean update(TrainingJob job, TrainingJobAction.Become become, Instant now) {
    TrainingJobState state = become.state();
    return jdbi.inTransaction(handle -> {
      int rows =
          of(
                  job.key(),
                  handle.createUpdate(
                      """
                      UPDATE training_job SET state_kind = :kind, state = :state,
                        status = :status, secondary_status = :secondary,
                        training_ended_at = :ended, modified_at = :now, version = version + 1
                      WHERE version = :version
                      """
                          + " AND "
                          + JOB))
              .bind("kind", TrainingJobStateJson.kind(state))
              .bind("state", TrainingJobStateJson.data(state))
              .bind("status", state.phase().status())
              .bind("secondary", state.phase().secondaryStatus())
              .bind("ended", state.trainingEndedAt().map(TrainingJobStore::utc).orElse(null))
              .bind("now", utc(now))
              .bind("version", job.version())
              .execute();
      if (rows == 1) {
        become.transitions().forEach(transition -> enter(handle, job.key(), transition));
      }
      return rows == 1;
    });
  }

  /** Nothing is left of it but its rows. */
  void settle(TrainingJobKey key) {
    jdbi.useHandle(handle ->
        of(key, handle.createUpdate("UPDATE training_job SET settled = TRUE WHERE " + JOB))
            .execute());
  }

  /** Every phase so far, oldest first. */
  List<PhaseRow> phases(TrainingJobKey key) {
    return jdbi.withHandle(handle ->
        of(
                key,
                handle.createQuery(
                    """
                    SELECT status, message, started_at, ended_at FROM training_job_transition
                    """
                        + " WHERE "
                        + JOB
                        + " ORDER BY ordinal"))
            .map((RowView row) ->
                new PhaseRow(
                    row.getColumn("status", String.class),
                    row.getColumn("message", String.class),
                    instant(row.getColumn("started_at", OffsetDateTime.class)),
                    optional(row.getColumn("ended_at", OffsetDateTime.class))))
            .list());
  }

  /** Ends the present phase and begins the next; the same phase with other words is one phase. */
  private static void enter(Handle handle, TrainingJobKey key, Transition transition) {
    record Last(int ordinal, String status) {}
    Last last =
        of(
                key,
                handle.createQuery(
                    "SELECT ordinal, status FROM training_job_transition WHERE "
                        + JOB
                        + " ORDER BY ordinal DESC FETCH FIRST 1 ROWS ONLY"))
            .map((RowView row) ->
                new Last(
                    row.getColumn("ordinal", Integer.class), row.getColumn("status", String.class)))
            .one();
    if (last.status().equals(transition.phase().secondaryStatus())) {
      of(
              key,
              handle.createUpdate(
                  "UPDATE training_job_transition SET message = :message WHERE ordinal = :ordinal"
                      + " AND "
                      + JOB))
          .bind("message", transition.message())
          .bind("ordinal", last.ordinal())
          .execute();
      return;
    }
    of(
            key,
            handle.createUpdate(
                "UPDATE training_job_transition SET ended_at = :at WHERE ordinal = :ordinal AND "
                    + JOB))
        .bind("at", utc(transition.at()))
        .bind("ordinal", last.ordinal())
        .execute();
    insertPhase(handle, key, last.ordinal() + 1, transition);
  }

  private static void insertPhase(
      Handle handle, TrainingJobKey key, int ordinal, Transition transition) {
    boolean over =
        switch (transition.phase()) {
          case COMPLETED, FAILED, STOPPED, MAX_RUNTIME_EXCEEDED -> true;
          case STARTING, PENDING, DOWNLOADING, TRAINING, UPLOADING, STOPPING -> false;
        };
    of(
            key,
            handle.createUpdate(
                """
                INSERT INTO training_job_transition
                  (account, region, name, ordinal, status, message, started_at, ended_at)
                VALUES (:account, :region, :name, :ordinal, :status, :message, :at, :ended)
                """))
        .bind("ordinal", ordinal)
        .bind("status", transition.phase().secondaryStatus())
        .bind("message", transition.message())
        .bind("at", utc(transition.at()))
        .bind("ended", over ? utc(transition.at()) : null)
        .execute();
  }

  private static <S extends SqlStatement<S>> S of(TrainingJobKey key, S statement) {
    return statement
        .bind("account", key.tenant().account())
        .bind("region", key.tenant().region())
        .bind("name", key.name().value());
  }

  private static Stored stored(RowView row) {
    String json = row.getColumn("request", String.class);
    TrainingJob job =
        new TrainingJob(
            key(row),
            new GroupId(row.getColumn("group_id", String.class)),
            TrainingJobDefinition.from(WireCodec.read(json, CreateTrainingJobRequest::builder)),
            TrainingJobStateJson.read(
                row.getColumn("state_kind", String.class), row.getColumn("state", String.class)),
            row.getColumn("version", Long.class),
            instant(row.getColumn("created_at", OffsetDateTime.class)));
    return new Stored(job, json, instant(row.getColumn("modified_at", OffsetDateTime.class)));
  }

  private static TrainingJobKey key(RowView row) {
    return new TrainingJobKey(
        new Tenant(row.getColumn("account", String.class), row.getColumn("region", String.class)),
        new TrainingJobName(row.getColumn("name", String.class)));
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(OffsetDateTime time) {
    return time.toInstant();
  }

  private static Optional<Instant> optional(@Nullable OffsetDateTime time) {
    return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
  }
}
