package dev.mlp.controlplane.container;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Waits for conditions, never for time. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration STEP = Duration.ofMillis(2);

  private Eventually() {}

  /** The first value that is accepted; fails with the last one seen when none comes. */
  public static <T> T eventually(Callable<T> value, Predicate<T> accepted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    T last = value.call();
    while (!accepted.test(last)) {
      if (System.nanoTime() > deadline) {
        return fail("not within %s; last seen: %s", PATIENCE, last);
      }
      LockSupport.parkNanos(STEP.toNanos());
      last = value.call();
    }
    return last;
  }
}
