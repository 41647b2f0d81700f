package dev.mlp.inference.http;

import io.vertx.core.Context;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides where a prediction runs. A small model takes some ten microseconds, about as much as
 * handing work to another thread and back, so small requests for fast models are answered on the
 * event loop itself. All others go to as many threads as there are cores: there a slow run holds up
 * nobody's connection, and whichever thread is free takes the next one.
 */
final class PredictionThreads implements AutoCloseable {
  /** Reading such a body takes well under a millisecond. */
  private static final int SMALL_BODY = 16 << 10;

  private static final Duration FAST_RUN = Duration.ofNanos(300_000);

  /** Beyond that, clients get an answer sooner by being refused. */
  static final int QUEUED = 1024;

  private final ThreadPoolExecutor executor;

  PredictionThreads(int threads) {
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUED),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("prediction-" + number.incrementAndGet())
                    .unstarted(task));
  }

  /**
   * Computes the answer and passes it on.
   *
   * @param expectedNanos how long the run itself will take
   * @param context where the caller runs, and where {@code answered} is called
   */
  void execute(
      Context context,
      long expectedNanos,
      int bodyBytes,
      Supplier<Answer> work,
      Consumer<Answer> answered) {
    if (bodyBytes <= SMALL_BODY && expectedNanos <= FAST_RUN.toNanos()) {
      answered.accept(work.get());
      return;
    }
    try {
      executor.execute(() -> {
        Answer answer = work.get();
        context.runOnContext(_ -> answered.accept(answer));
      });
    } catch (RejectedExecutionException e) {
      answered.accept(
          Answer.error(503, QUEUED + " predictions are waiting already, or the server stops."));
    }
  }

  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
