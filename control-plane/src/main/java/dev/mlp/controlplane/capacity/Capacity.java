package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * The machine's memory and GPUs, reserved per instance group. Kept in the database, so a
 * reservation survives the control plane and is given back by {@link #release} alone.
 *
 * <p>First come, first served. Who comes later overtakes only where, by the longest time that each
 * group keeps what it has, the first in the queue does not start later for it.
 */
public interface Capacity {
  /** Whether a group may start now. */
  sealed interface Answer {
    /**
     * It may: this is its own until released.
     *
     * @param memoryMebibytes of each instance
     * @param gpus the ids of each instance's, one list for every instance
     */
    record Granted(long memoryMebibytes, List<List<String>> gpus) implements Answer {
      public Granted {
        gpus = gpus.stream().map(List::copyOf).toList();
      }
    }

    /** Not yet. {@code reason} is for people: what is wanted, what is free, who is before it. */
    record Waiting(String reason) implements Answer {}
  }

  /**
   * Reserves for the whole group or takes a place in the queue; asked again, answers again. A group
   * that waits may ask for something else and keeps its place; one that was granted keeps what it
   * was given.
   *
   * @throws IllegalArgumentException for more than the machine has: it could never be granted
   */
  Answer reserve(GroupId group, Demand demand, Instant now);

  /** Gives the reservation, or the place in the queue, back; whoever is next is granted it. */
  void release(GroupId group, Instant now);

  /**
   * Calls back, soon and from any thread, when a group that waits has been granted what it waits
   * for; a hint, never a promise. No call is made from within a transaction.
   */
  void onGrant(Consumer<GroupId> listener);

  /** What there is, what is taken, and who waits. */
  CapacitySummary summary();
}
