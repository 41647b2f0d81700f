package dev.mlp.controlplane.capacity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who of those that wait is granted what there is. Pure.
 *
 * <p>The first that does not fit is the head. Those behind it are only looked at for gaps: one is
 * granted where it will have ended, by the longest time it may take, before the head could start at
 * the earliest that what runs now promises (known as EASY backfill). What has no bound never
 * overtakes. Where the head's start depends on something that has no bound itself, such as an
 * endpoint that stays until it is deleted, everything that has one may pass: waiting for it could
 * hold up the machine for ever, and passing delays the head by one such time at most.
 */
final class QueueDecider {
  private QueueDecider() {}

  /** Memory and GPUs. Negative where the machine has become smaller than what was given. */
  private record Room(long mebibytes, int gpus) {
    boolean holds(Reservation wanted) {
      return wanted.memoryMebibytes() <= mebibytes && wanted.gpus() <= gpus;
    }

    Room plus(Room other) {
      return new Room(mebibytes + other.mebibytes, gpus + other.gpus);
    }

    Room minus(Room other) {
      return new Room(mebibytes - other.mebibytes, gpus - other.gpus);
    }
  }

  /**
   * The waiting ones that start now, each with its GPUs, in the order of the queue.
   *
   * @param inOrder everyone, first come first
   */
  static List<Reservation> decide(Machine machine, List<Reservation> inOrder, Instant now) {
    List<Reservation> holders = new ArrayList<>();
    List<Reservation> waiting = new ArrayList<>();
    inOrder.forEach(one -> (one.grant().isPresent() ? holders : waiting).add(one));
    Set<String> free = freeGpus(machine, holders);
    Room room = room(machine, holders);
    List<Reservation> granted = new ArrayList<>();
    Optional<Reservation> head = Optional.empty();
    Optional<Instant> headStart = Optional.empty();
    for (Reservation one : waiting) {
      if (!room.holds(one)) {
        if (head.isEmpty()) {
          head = Optional.of(one);
          headStart = start(one, machine, room, holders, now);
        }
      } else if (head.isEmpty() || endsBefore(one, headStart, now)) {
        Reservation start = one.granted(now, take(one.gpus(), free));
        granted.add(start);
        holders.add(start);
        room = room.minus(used(start, machine));
      }
    }
    return granted;
  }

  /**
   * When a group can start if everyone ends at its latest; empty where that frees too little, since
   * only something without an end does. What is overdue may end at any moment.
   */
  private static Optional<Instant> start(
      Reservation head, Machine machine, Room room, List<Reservation> holders, Instant now) {
    List<Reservation> ending =
        holders.stream()
            .filter(holder -> holder.latestEnd().isPresent())
            .sorted(Comparator.comparing(holder -> holder.latestEnd().orElseThrow()))
            .toList();
    Room then = room;
    for (Reservation holder : ending) {
      then = then.plus(used(holder, machine));
      if (then.holds(head)) {
        Instant end = holder.latestEnd().orElseThrow();
        return Optional.of(end.isBefore(now) ? now : end);
      }
    }
    return Optional.empty();
  }

  private static boolean endsBefore(
      Reservation candidate, Optional<Instant> headStart, Instant now) {
    return candidate.longest().isPresent()
        && headStart.map(start -> !now.plus(candidate.longest().get()).isAfter(start)).orElse(true);
  }

  private static Room room(Machine machine, List<Reservation> holders) {
    Room room = new Room(machine.memoryMebibytes(), machine.gpus().size());
    for (Reservation holder : holders) {
      room = room.minus(used(holder, machine));
    }
    return room;
  }

  /** A GPU that has gone away is nobody's, and does not come back when its holder ends. */
  private static Room used(Reservation holder, Machine machine) {
    Set<String> present = machine.gpus().stream().map(Gpu::id).collect(Collectors.toSet());
    long gpus = gpuIds(holder).filter(present::contains).count();
    return new Room(holder.memoryMebibytes(), (int) gpus);
  }

  /** In the machine's order. */
  static Set<String> freeGpus(Machine machine, List<Reservation> holders) {
    Set<String> free = new LinkedHashSet<>();
    machine.gpus().forEach(gpu -> free.add(gpu.id()));
    holders.stream().flatMap(QueueDecider::gpuIds).forEach(free::remove);
    return free;
  }

  /** By those that were granted theirs. */
  static long takenMebibytes(List<Reservation> inOrder) {
    return inOrder.stream()
        .filter(one -> one.grant().isPresent())
        .mapToLong(Reservation::memoryMebibytes)
        .sum();
  }

  private static Stream<String> gpuIds(Reservation holder) {
    return holder.grant().stream().flatMap(grant -> grant.gpuIds().stream());
  }

  private static List<String> take(int count, Set<String> free) {
    List<String> taken = free.stream().limit(count).toList();
    taken.forEach(free::remove);
    return taken;
  }
}
