package dev.mlp.inference.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the requests in flight, so that a stop can wait for them. Thread-safe. */
final class Drain {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private volatile boolean draining;

  void begin() {
    inFlight.incrementAndGet();
  }

  void end() {
    if (inFlight.decrementAndGet() == 0 && draining) {
      lock.lock();
      try {
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  boolean isDraining() {
    return draining;
  }

  /** From now on the server says that it stops. */
  void start() {
    draining = true;
  }

  /** Waits until nothing is in flight; false if that took too long. */
  boolean await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      while (inFlight.get() > 0) {
        long left = deadline - System.nanoTime();
        if (left <= 0 || idle.awaitNanos(left) <= 0) {
          return inFlight.get() == 0;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
