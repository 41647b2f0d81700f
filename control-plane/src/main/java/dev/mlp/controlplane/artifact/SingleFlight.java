package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Lets only one thread at a time bring the same thing; the others wait and see how far it is. When
 * that one fails or is interrupted, the next one begins.
 */
final class SingleFlight<K> {
  private static final long LOOK_EVERY_MILLIS = 200;

  /** Whether the thing is there already. */
  @FunctionalInterface
  interface Check {
    boolean isThere() throws IOException;
  }

  /** Brings the thing; tells the bytes that came, from any thread. */
  @FunctionalInterface
  interface Work {
    void run(LongConsumer moved) throws IOException, InterruptedException;
  }

  private static final class Flight {
    private final AtomicLong moved = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
  }

  private final Object lock = new Object();
  private final Map<K, Flight> flights = new HashMap<>();

  /** Whether somebody brings it just now. */
  boolean isUnderWay(K key) {
    synchronized (lock) {
      return flights.containsKey(key);
    }
  }

  /** Returns when the thing is there. */
  void bring(K key, Transfer.Part part, Check check, Work work)
      throws IOException, InterruptedException {
    while (true) {
      Flight mine = new Flight();
      Flight other;
      synchronized (lock) {
        other = flights.putIfAbsent(key, mine);
      }
      if (other == null) {
        try {
          if (!check.isThere()) {
            part.at(0);
            work.run(bytes -> part.at(mine.moved.addAndGet(bytes)));
          }
          part.done();
          return;
        } finally {
          synchronized (lock) {
            flights.remove(key);
          }
          mine.ended.countDown();
        }
      }
      do {
        part.at(other.moved.get());
      } while (!other.ended.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS));
      // Before all who waited ask for their turn: mostly nothing is left to do.
      if (check.isThere()) {
        part.done();
        return;
      }
    }
  }
}
