package dev.mlp.controlplane.invocation;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Live counters of a variant or an instance; written by any event loop, read by anybody. */
final class Traffic {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder invocations = new LongAdder();
  private final LongAdder clientErrors = new LongAdder();
  private final LongAdder serverErrors = new LongAdder();
  private final LongAdder modelNanos = new LongAdder();
  private final LongAdder overheadNanos = new LongAdder();

  void begin() {
    inFlight.incrementAndGet();
  }

  /** Returns how many are left. */
  int end() {
    return inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  void answered(int status, long modelNanos, long overheadNanos) {
    invocations.increment();
    if (status >= 400 && status < 500) {
      clientErrors.increment();
    } else if (status < 200 || status >= 300) {
      serverErrors.increment();
    }
    this.modelNanos.add(modelNanos);
    this.overheadNanos.add(overheadNanos);
  }

  InvocationCounts counts() {
    return new InvocationCounts(
        invocations.sum(),
        clientErrors.sum(),
        serverErrors.sum(),
        inFlight.get(),
        Duration.ofNanos(modelNanos.sum()),
        Duration.ofNanos(overheadNanos.sum()));
  }
}
