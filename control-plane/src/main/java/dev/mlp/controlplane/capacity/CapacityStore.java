package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.RowView;
import org.jspecify.annotations.Nullable;

/** The reservations and the queue. */
public final class CapacityStore {
  private final Jdbi jdbi;

  public CapacityStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Everyone, first come first, as it is at present. Locks nothing. */
  List<Reservation> inOrder() {
    return jdbi.withHandle(CapacityStore::inOrder);
  }

  /** Runs in a transaction of its own while no other may change, in any process. */
  <T> T exclusively(Function<LedgerStore, T> work) {
    return jdbi.inTransaction(handle -> {
      handle.execute("UPDATE capacity_ledger SET next_ticket = next_ticket + 1 WHERE id = 1");
      return work.apply(new LedgerStore(handle));
    });
  }

  /** The tables, under their lock. */
  static final class LedgerStore {
    private final Handle handle;

    private LedgerStore(Handle handle) {
      this.handle = handle;
    }

    /** Everyone, first come first. */
    List<Reservation> inOrder() {
      return CapacityStore.inOrder(handle);
    }

    /** At the end of the queue. */
    void enqueue(GroupId group, Demand demand, Instant now) {
      handle
          .createUpdate(
              """
              INSERT INTO capacity_reservation
                (group_id, ticket, memory_mebibytes, gpus, longest_seconds, requested_at)
              SELECT :group, next_ticket, :memory, :gpus, :longest, :now
              FROM capacity_ledger WHERE id = 1
              """)
          .bind("group", group.value())
          .bind("memory", demand.totalMebibytes())
          .bind("gpus", demand.totalGpus())
          .bind("longest", seconds(demand))
          .bind("now", now.atOffset(ZoneOffset.UTC))
          .execute();
    }

    /** It wants something else now, in the same place. */
    void change(GroupId group, Demand demand) {
      handle
          .createUpdate(
              """
              UPDATE capacity_reservation
              SET memory_mebibytes = :memory, gpus = :gpus, longest_seconds = :longest
              WHERE group_id = :group
              """)
          .bind("group", group.value())
          .bind("memory", demand.totalMebibytes())
          .bind("gpus", demand.totalGpus())
          .bind("longest", seconds(demand))
          .execute();
    }

    void grant(GroupId group, Reservation.Grant grant) {
      handle
          .createUpdate("UPDATE capacity_reservation SET granted_at = :at WHERE group_id = :group")
          .bind("group", group.value())
          .bind("at", grant.at().atOffset(ZoneOffset.UTC))
          .execute();
      for (int i = 0; i < grant.gpuIds().size(); i++) {
        handle
            .createUpdate(
                """
                INSERT INTO capacity_gpu (gpu_id, group_id, gpu_number)
                VALUES (:id, :group, :number)
                """)
            .bind("id", grant.gpuIds().get(i))
            .bind("group", group.value())
            .bind("number", i)
            .execute();
      }
    }

    /** With its GPUs. */
    void delete(GroupId group) {
      handle
          .createUpdate("DELETE FROM capacity_reservation WHERE group_id = :group")
          .bind("group", group.value())
          .execute();
    }

    private static @Nullable Long seconds(Demand demand) {
      return demand.longest().map(Duration::toSeconds).orElse(null);
    }
  }

  private static List<Reservation> inOrder(Handle handle) {
    return new ArrayList<>(
        handle
            .createQuery(
                """
                SELECT r.group_id, r.memory_mebibytes, r.gpus, r.longest_seconds, r.granted_at,
                  g.gpu_id
                FROM capacity_reservation r LEFT JOIN capacity_gpu g ON g.group_id = r.group_id
                ORDER BY r.ticket, g.gpu_number
                """)
            .reduceRows(new LinkedHashMap<>(), CapacityStore::add)
            .values());
  }

  /** A row for each GPU: the first makes the reservation, each adds its GPU. */
  private static Map<GroupId, Reservation> add(Map<GroupId, Reservation> found, RowView row) {
    GroupId group = new GroupId(row.getColumn("group_id", String.class));
    Reservation reservation = found.computeIfAbsent(group, id -> reservation(id, row));
    String gpu = row.getColumn("gpu_id", String.class);
    if (gpu != null && reservation.grant().isPresent()) {
      Reservation.Grant grant = reservation.grant().get();
      List<String> gpus = new ArrayList<>(grant.gpuIds());
      gpus.add(gpu);
      found.put(group, reservation.granted(grant.at(), gpus));
    }
    return found;
  }

  private static Reservation reservation(GroupId group, RowView row) {
    return new Reservation(
        group,
        row.getColumn("memory_mebibytes", Long.class),
        row.getColumn("gpus", Integer.class),
        Optional.ofNullable(row.getColumn("longest_seconds", Long.class)).map(Duration::ofSeconds),
        Optional.ofNullable(row.getColumn("granted_at", OffsetDateTime.class))
            .map(at -> new Reservation.Grant(at.toInstant(), List.of())));
  }
}
