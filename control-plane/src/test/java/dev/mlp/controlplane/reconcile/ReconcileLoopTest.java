package dev.mlp.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ReconcileLoopTest {
  private static final Duration TICK = Duration.ofMillis(5);

  @Test
  void aPassThatDiesOfAnErrorIsTriedAgain() throws Exception {
    CountDownLatch healed = new CountDownLatch(1);
    AtomicInteger passes = new AtomicInteger();
    try (ReconcileLoop<String> loop =
        new ReconcileLoop<>(
            "test",
            () -> List.of("key"),
            key -> {
              if (passes.incrementAndGet() == 1) {
                throw new AssertionError("broken once");
              }
              healed.countDown();
            })) {
      loop.start(TICK);
      assertThat(healed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aTickThatDiesOfAnErrorIsNotTheLast() throws Exception {
    CountDownLatch healed = new CountDownLatch(1);
    AtomicInteger ticks = new AtomicInteger();
    try (ReconcileLoop<String> loop =
        new ReconcileLoop<>(
            "test",
            () -> {
              if (ticks.incrementAndGet() == 1) {
                throw new AssertionError("broken once");
              }
              return List.of("key");
            },
            key -> healed.countDown())) {
      loop.start(TICK);
      assertThat(healed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aPokeBeforeTheStartWaitsForIt() throws Exception {
    CountDownLatch passed = new CountDownLatch(1);
    List<String> active = List.of("key");
    try (ReconcileLoop<String> loop =
        new ReconcileLoop<>("test", () -> active, key -> passed.countDown())) {
      loop.poke("key");
      assertThat(passed.await(50, TimeUnit.MILLISECONDS)).isFalse();
      loop.start(TICK);
      assertThat(passed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aPokeDuringAPassIsFollowedByAnother() throws Exception {
    CountDownLatch second = new CountDownLatch(2);
    CountDownLatch inFirst = new CountDownLatch(1);
    CountDownLatch poked = new CountDownLatch(1);
    try (ReconcileLoop<String> loop =
        new ReconcileLoop<>(
            "test",
            List::of,
            key -> {
              second.countDown();
              inFirst.countDown();
              try {
                assertThat(poked.await(20, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })) {
      loop.start(Duration.ofHours(1));
      loop.poke("key");
      assertThat(inFirst.await(20, TimeUnit.SECONDS)).isTrue();
      loop.poke("key");
      assertThat(second.getCount()).isEqualTo(1);
      poked.countDown();
      assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
