package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The reservations and the queue. */
public final class CapacityStore {
  private final Jdbi jdbi;

  public CapacityStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** A group's row: it has the memory, or waits for it. */
  record Reservation(long memoryMebibytes, boolean granted) {}

  /** Runs in a transaction of its own while no other may look or change, in any process. */
  <T> T exclusively(Function<LedgerStore, T> work) {
    return jdbi.inTransaction(handle -> {
      handle.execute("UPDATE capacity_ledger SET next_ticket = next_ticket + 1 WHERE id = 1");
      return work.apply(new LedgerStore(handle));
    });
  }

  /** The table, under its lock. */
  static final class LedgerStore {
    private final Handle handle;

    private LedgerStore(Handle handle) {
      this.handle = handle;
    }

    Optional<Reservation> find(GroupId group) {
      return handle
          .createQuery(
              """
              SELECT memory_mebibytes, granted_at FROM capacity_reservation WHERE group_id = :group
              """)
          .bind("group", group.value())
          .map((row, _) ->
              new Reservation(row.getLong("memory_mebibytes"), row.getObject("granted_at") != null))
          .findOne();
    }

    void enqueue(GroupId group, long memoryMebibytes, Instant now) {
      handle
          .createUpdate(
              """
              INSERT INTO capacity_reservation (group_id, ticket, memory_mebibytes, requested_at)
              SELECT :group, next_ticket, :memory, :now FROM capacity_ledger WHERE id = 1
              """)
          .bind("group", group.value())
          .bind("memory", memoryMebibytes)
          .bind("now", now.atOffset(ZoneOffset.UTC))
          .execute();
    }

    void resize(GroupId group, long memoryMebibytes) {
      handle
          .createUpdate(
              """
              UPDATE capacity_reservation SET memory_mebibytes = :memory WHERE group_id = :group
              """)
          .bind("group", group.value())
          .bind("memory", memoryMebibytes)
          .execute();
    }

    void grant(GroupId group, Instant now) {
      handle
          .createUpdate("UPDATE capacity_reservation SET granted_at = :now WHERE group_id = :group")
          .bind("group", group.value())
          .bind("now", now.atOffset(ZoneOffset.UTC))
          .execute();
    }

    void delete(GroupId group) {
      handle
          .createUpdate("DELETE FROM capacity_reservation WHERE group_id = :group")
          .bind("group", group.value())
          .execute();
    }

    long grantedMebibytes() {
      return handle
          .createQuery(
              """
              SELECT COALESCE(SUM(memory_mebibytes), 0) FROM capacity_reservation
              WHERE granted_at IS NOT NULL
              """)
          .mapTo(Long.class)
          .one();
    }

    int waitingBefore(GroupId group) {
      return handle
          .createQuery(
              """
              SELECT COUNT(*) FROM capacity_reservation earlier
              JOIN capacity_reservation own ON own.group_id = :group
              WHERE earlier.granted_at IS NULL AND earlier.ticket < own.ticket
              """)
          .bind("group", group.value())
          .mapTo(Integer.class)
          .one();
    }
  }
}
