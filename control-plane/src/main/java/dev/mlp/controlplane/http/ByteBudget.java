package dev.mlp.controlplane.http;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that bodies may hold in memory at one time, for the whole server. */
final class ByteBudget {
  private final AtomicLong free;

  ByteBudget(long bytes) {
    this.free = new AtomicLong(bytes);
  }

  /** Takes the bytes, all or none. */
  boolean tryTake(long bytes) {
    if (free.addAndGet(-bytes) >= 0) {
      return true;
    }
    free.addAndGet(bytes);
    return false;
  }

  void giveBack(long bytes) {
    free.addAndGet(bytes);
  }

  long free() {
    return free.get();
  }
}
