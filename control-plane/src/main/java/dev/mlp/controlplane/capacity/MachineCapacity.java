package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * {@link Capacity} over one machine. Whatever may change who has what (a new group, another wish, a
 * release) is settled for the whole queue at once, under one lock. Asking again while nothing has
 * changed only reads, so that many groups can wait and ask every second.
 */
public final class MachineCapacity implements Capacity {
  private final CapacityStore store;
  private final Machine machine;
  private final List<Consumer<GroupId>> listeners = new CopyOnWriteArrayList<>();

  public MachineCapacity(CapacityStore store, Machine machine) {
    this.store = store;
    this.machine = machine;
  }

  @Override
  public Answer reserve(GroupId group, Demand demand, Instant now) {
    if (demand.totalMebibytes() > machine.memoryMebibytes()
        || demand.totalGpus() > machine.gpus().size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "instance group %s asks for %s: expected %s at most",
              group,
              words(demand.totalMebibytes(), demand.totalGpus()),
              words(machine.memoryMebibytes(), machine.gpus().size())));
    }
    List<Reservation> present = store.inOrder();
    Optional<Reservation> own = find(present, group);
    boolean settled =
        own.isPresent()
            && (own.get().grant().isPresent()
                || (own.get().equals(Reservation.waiting(group, demand))
                    && QueueDecider.decide(machine, present, now).isEmpty()));
    return answer(settled ? present : enter(group, demand, now), group, demand.instances());
  }

  /** Takes a place in the queue, or wants something else in the one that it has. */
  private List<Reservation> enter(GroupId group, Demand demand, Instant now) {
    return settle(
        group,
        now,
        ledger -> {
          Optional<Reservation> own = find(ledger.inOrder(), group);
          if (own.isEmpty()) {
            ledger.enqueue(group, demand, now);
          } else if (own.get().grant().isEmpty()) {
            // The machine, or how it is configured, has changed since.
            ledger.change(group, demand);
          }
        });
  }

  @Override
  public void release(GroupId group, Instant now) {
    settle(group, now, ledger -> ledger.delete(group));
  }

  /** Makes a change, and grants what can be granted after it. */
  private List<Reservation> settle(
      GroupId asking, Instant now, Consumer<CapacityStore.LedgerStore> change) {
    record Settled(List<Reservation> granted, List<Reservation> inOrder) {}
    Settled settled =
        store.exclusively(ledger -> {
          change.accept(ledger);
          List<Reservation> granted = QueueDecider.decide(machine, ledger.inOrder(), now);
          granted.forEach(one -> ledger.grant(one.group(), one.grant().orElseThrow()));
          return new Settled(granted, ledger.inOrder());
        });
    for (Reservation one : settled.granted()) {
      if (!one.group().equals(asking)) {
        listeners.forEach(listener -> listener.accept(one.group()));
      }
    }
    return settled.inOrder();
  }

  @Override
  public void onGrant(Consumer<GroupId> listener) {
    listeners.add(listener);
  }

  @Override
  public CapacitySummary summary() {
    List<Reservation> inOrder = store.inOrder();
    int running = (int) inOrder.stream().filter(one -> one.grant().isPresent()).count();
    return new CapacitySummary(
        machine.memoryMebibytes(),
        QueueDecider.takenMebibytes(inOrder),
        machine.vcpus(),
        machine.gpus().size(),
        machine.gpus().size() - QueueDecider.freeGpus(machine, inOrder).size(),
        running,
        inOrder.size() - running);
  }

  private Answer answer(List<Reservation> inOrder, GroupId group, int instances) {
    Reservation own = find(inOrder, group).orElseThrow();
    if (own.grant().isPresent()) {
      List<String> ids = own.grant().get().gpuIds();
      int each = ids.size() / instances;
      return new Answer.Granted(
          own.memoryMebibytes() / instances,
          IntStream.range(0, instances)
              .mapToObj(i -> ids.subList(i * each, (i + 1) * each))
              .toList());
    }
    long before =
        inOrder.stream()
            .takeWhile(one -> !one.group().equals(group))
            .filter(one -> one.grant().isEmpty())
            .count();
    return new Answer.Waiting(reason(own, inOrder, before));
  }

  private String reason(Reservation own, List<Reservation> inOrder, long before) {
    long free = Math.max(0, machine.memoryMebibytes() - QueueDecider.takenMebibytes(inOrder));
    StringBuilder reason =
        new StringBuilder("waiting for ")
            .append(words(own.memoryMebibytes(), own.gpus()))
            .append(
                String.format(Locale.ROOT, ": %,d of %,d MiB", free, machine.memoryMebibytes()));
    if (own.gpus() > 0) {
      reason
          .append(" and ")
          .append(QueueDecider.freeGpus(machine, inOrder).size())
          .append(" of ")
          .append(gpus(machine.gpus().size()));
    }
    reason.append(" are free");
    if (before == 1) {
      reason.append("; 1 is waiting before it");
    } else if (before > 1) {
      reason.append("; ").append(before).append(" are waiting before it");
    }
    return reason.toString();
  }

  private static String words(long mebibytes, int gpus) {
    return String.format(Locale.ROOT, "%,d MiB", mebibytes)
        + (gpus == 0 ? "" : " and " + gpus(gpus));
  }

  private static String gpus(int count) {
    return count == 1 ? "1 GPU" : count + " GPUs";
  }

  private static Optional<Reservation> find(List<Reservation> reservations, GroupId group) {
    return reservations.stream().filter(one -> one.group().equals(group)).findFirst();
  }
}
