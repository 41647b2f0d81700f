package dev.mlp.controlplane.artifact;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that compress, shared by all that do: as many as there are processors, however many
 * collections run at once. They are platform threads, because they compute for long and virtual
 * ones would take all others' carriers; they are started when needed, and end when idle.
 *
 * <p>Bounds memory as well: a stream holds two blocks of its own, of about 2 MiB each, and further
 * ones only out of a common stock of two per thread. None ever waits for that stock.
 */
final class Compressors {
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);

  private final Executor threads;
  private final Semaphore stock;

  Compressors(int count, Duration keepAlive) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            count,
            count,
            keepAlive.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("compress-", 1).factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
    this.stock = new Semaphore(2 * count);
  }

  static Compressors forThisMachine() {
    return new Compressors(Runtime.getRuntime().availableProcessors(), KEEP_ALIVE);
  }

  CompletableFuture<Void> submit(Runnable task) {
    return CompletableFuture.runAsync(task, threads);
  }

  /** Whether one more block may be in memory; to be given back. */
  boolean tryTake() {
    return stock.tryAcquire();
  }

  void giveBack(int blocks) {
    stock.release(blocks);
  }
}
