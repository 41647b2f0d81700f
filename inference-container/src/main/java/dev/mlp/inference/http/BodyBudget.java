package dev.mlp.inference.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the bodies of all requests in flight may take: many large ones at once are
 * refused rather than exhausting the heap. Thread-safe.
 */
final class BodyBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  BodyBudget(long limitBytes) {
    this.limit = limitBytes;
  }

  boolean reserve(long bytes) {
    if (used.addAndGet(bytes) <= limit) {
      return true;
    }
    release(bytes);
    return false;
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }
}
