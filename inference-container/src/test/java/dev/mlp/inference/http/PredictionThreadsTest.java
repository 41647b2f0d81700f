package dev.mlp.inference.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PredictionThreadsTest {
  private static final long SLOW = TimeUnit.SECONDS.toNanos(1);

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final PredictionThreads threads = new PredictionThreads(1);
  private final LinkedBlockingQueue<Integer> answers = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    threads.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void execute(long expectedNanos, int bodyBytes, Thread[] ranOn) {
    threads.execute(
        context,
        expectedNanos,
        bodyBytes,
        () -> {
          ranOn[0] = Thread.currentThread();
          return Answer.empty(200);
        },
        answer -> answers.add(answer.status()));
  }

  @Test
  void runsSmallWorkOnTheCallersThreadAndOtherWorkElsewhere() throws InterruptedException {
    Thread[] ranOn = new Thread[1];
    execute(1000, 100, ranOn);
    assertThat(answers.poll()).isEqualTo(200);
    assertThat(ranOn[0]).isSameAs(Thread.currentThread());
    execute(1000, 1 << 20, ranOn);
    assertThat(answers.take()).isEqualTo(200);
    assertThat(ranOn[0].getName()).startsWith("prediction-");
    execute(SLOW, 100, ranOn);
    assertThat(answers.take()).isEqualTo(200);
    assertThat(ranOn[0].getName()).startsWith("prediction-");
  }

  @Test
  void refusesWorkWhenTooMuchIsWaiting() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    for (int i = 0; i <= PredictionThreads.QUEUED; i++) {
      threads.execute(
          context,
          SLOW,
          0,
          () -> {
            started.countDown();
            await(release);
            return Answer.empty(200);
          },
          answer -> answers.add(answer.status()));
      if (i == 0) {
        started.await();
      }
    }
    execute(SLOW, 0, new Thread[1]);
    assertThat(answers.poll()).isEqualTo(503);
    release.countDown();
    for (int i = 0; i <= PredictionThreads.QUEUED; i++) {
      assertThat(answers.take()).isEqualTo(200);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
