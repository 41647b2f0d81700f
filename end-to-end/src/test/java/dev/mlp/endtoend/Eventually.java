package dev.mlp.endtoend;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
final class Eventually {
  private Eventually() {}

  /** What is looked at again and again. */
  @FunctionalInterface
  interface Look<T> {
    Optional<T> look() throws Exception;
  }

  /** Something that holds, or not yet. */
  @FunctionalInterface
  interface Check {
    boolean holds() throws Exception;
  }

  static <T> T get(Duration atMost, Look<T> look) throws Exception {
    Instant end = Instant.now().plus(atMost);
    while (true) {
      Optional<T> seen = look.look();
      if (seen.isPresent()) {
        return seen.get();
      }
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not seen within " + atMost);
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  static void holds(Duration atMost, String what, Check check) throws Exception {
    try {
      get(atMost, () -> check.holds() ? Optional.of(true) : Optional.empty());
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
  }
}
