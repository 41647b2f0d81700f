package dev.mlp.controlplane.reconcile;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a reconciler: each key on a virtual thread of its own, never two passes for one key at once.
 * A key is due when it is poked, and every tick while it is active, so a lost hint costs one tick.
 *
 * @param <K> what names a resource
 */
public final class ReconcileLoop<K> implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ReconcileLoop.class);

  /** What a key's thread has to do when its present pass ends. */
  private enum Run {
    ONCE,
    AGAIN
  }

  private final String name;
  private final Supplier<? extends Collection<K>> active;
  private final Consumer<K> reconcile;
  private final Object lock = new Object();
  private final Map<K, Run> running = new HashMap<>();
  private final ExecutorService passes;
  private final ScheduledExecutorService ticker;
  private boolean started;
  private boolean closed;

  /**
   * @param active the keys that are not at rest, asked at every tick
   * @param reconcile one pass for one key; may block; what it throws is logged, and the next tick
   *     tries again
   */
  public ReconcileLoop(
      String name, Supplier<? extends Collection<K>> active, Consumer<K> reconcile) {
    this.name = name;
    this.active = active;
    this.reconcile = reconcile;
    this.passes =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(name + "-tick").factory());
  }

  /** Begins to work and to tick, with a first tick at once. */
  public void start(Duration tick) {
    synchronized (lock) {
      started = true;
    }
    var _ = ticker.scheduleWithFixedDelay(this::tick, 0, tick.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Asks for a pass soon; one pass that starts after this call sees what the caller has done.
   * Before the start nothing is done: its first tick finds all that is active.
   */
  public void poke(K key) {
    synchronized (lock) {
      if (!started || closed) {
        return;
      }
      if (running.containsKey(key)) {
        running.put(key, Run.AGAIN);
        return;
      }
      running.put(key, Run.ONCE);
      passes.execute(() -> run(key));
    }
  }

  private void tick() {
    try {
      active.get().forEach(this::poke);
    } catch (RuntimeException | Error e) { // an Error would silently end all ticks
      logger.warn("{}: cannot list what is active; trying again at the next tick", name, e);
    }
  }

  private void run(K key) {
    while (true) {
      try {
        reconcile.accept(key);
      } catch (RuntimeException | Error e) { // an Error would leave the key as running for ever
        logger.warn("{}: pass for {} failed; trying again at the next tick", name, key, e);
      }
      synchronized (lock) {
        if (closed || running.get(key) != Run.AGAIN) {
          running.remove(key);
          return;
        }
        running.put(key, Run.ONCE);
      }
    }
  }

  /** Stops ticking, lets passes that run come to their end, and takes no more. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    ticker.shutdownNow();
    passes.close();
  }
}
