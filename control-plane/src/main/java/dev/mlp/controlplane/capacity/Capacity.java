package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;

/**
 * The memory of the machine, reserved per instance group. Kept in the database, so a reservation
 * survives the control plane and is given back by {@link #release} alone. First come, first served.
 */
public interface Capacity {
  /** Whether a group may start now. */
  sealed interface Answer {
    /** It may; the memory is its own until released. */
    record Granted() implements Answer {}

    /** Not yet. {@code reason} is for people: what is wanted, what is free, who is before it. */
    record Waiting(String reason) implements Answer {}
  }

  /**
   * Reserves for the whole group or takes a place in the queue; asked again, answers again.
   *
   * @param memoryMebibytes of all members together
   */
  Answer reserve(GroupId group, long memoryMebibytes, Instant now);

  /** Gives the reservation, or the place in the queue, back. */
  void release(GroupId group);

  /** What one group can have at most: types that are larger are fitted to it. */
  long largestMebibytes();
}
