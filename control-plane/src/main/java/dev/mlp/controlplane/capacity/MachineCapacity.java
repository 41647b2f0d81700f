package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * {@link Capacity} over one machine's memory. A group is served when every group that came before
 * it has been: small ones do not overtake, so that a large one is never starved.
 */
public final class MachineCapacity implements Capacity {
  private final CapacityStore store;
  private final long totalMebibytes;

  /**
   * @param totalMebibytes what all instances together may have: the machine's memory less what the
   *     server itself and the system need
   */
  public MachineCapacity(CapacityStore store, long totalMebibytes) {
    if (totalMebibytes <= 0) {
      throw new IllegalArgumentException(
          "memory for instances " + totalMebibytes + " MiB: expected more than 0");
    }
    this.store = store;
    this.totalMebibytes = totalMebibytes;
  }

  /**
   * @throws IllegalArgumentException for more than {@link #largestMebibytes}: it could never be
   *     granted, and would hold up everyone behind it
   */
  @Override
  public Answer reserve(GroupId group, long memoryMebibytes, Instant now) {
    if (memoryMebibytes <= 0 || memoryMebibytes > totalMebibytes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "instance group %s asks for %,d MiB: expected 1 to %,d",
              group,
              memoryMebibytes,
              totalMebibytes));
    }
    return store.exclusively(ledger -> {
      Optional<CapacityStore.Reservation> present = ledger.find(group);
      if (present.isPresent() && present.get().granted()) {
        return new Answer.Granted();
      }
      if (present.isEmpty()) {
        ledger.enqueue(group, memoryMebibytes, now);
      } else if (present.get().memoryMebibytes() != memoryMebibytes) {
        // The machine's total was configured anew since it took its place in the queue.
        ledger.resize(group, memoryMebibytes);
      }
      long free = totalMebibytes - ledger.grantedMebibytes();
      int before = ledger.waitingBefore(group);
      if (before == 0 && memoryMebibytes <= free) {
        ledger.grant(group, now);
        return new Answer.Granted();
      }
      return new Answer.Waiting(reason(memoryMebibytes, Math.max(0, free), before));
    });
  }

  @Override
  public void release(GroupId group) {
    store.exclusively(ledger -> {
      ledger.delete(group);
      return group;
    });
  }

  @Override
  public long largestMebibytes() {
    return totalMebibytes;
  }

  private String reason(long wanted, long free, int before) {
    String reason =
        String.format(
            Locale.ROOT,
            "waiting for %,d MiB: %,d of %,d MiB are free",
            wanted,
            free,
            totalMebibytes);
    return switch (before) {
      case 0 -> reason;
      case 1 -> reason + "; 1 is waiting before it";
      default -> reason + "; " + before + " are waiting before it";
    };
  }
}
