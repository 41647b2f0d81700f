package dev.mlp.controlplane.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.database.Database;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SchedulesTest {
  @Test
  void firesAgainAndAgainAndAfterARestart() throws Exception {
    String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    try (Database database = Database.open(url)) {
      fires(database);
      fires(database);
      assertThat(database.activeConnections()).isZero();
    }
  }

  @Test
  void aTaskThatThrowsIsTriedAgain() throws Exception {
    String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    CountDownLatch calls = new CountDownLatch(2);
    try (Database database = Database.open(url);
        Schedules schedules = new Schedules(database.dataSource())) {
      schedules.every(
          "sweep",
          Duration.ofMillis(20),
          () -> {
            calls.countDown();
            throw new IllegalStateException("as the test wants it");
          });
      schedules.start();
      assertThat(calls.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void fires(Database database) throws InterruptedException {
    CountDownLatch calls = new CountDownLatch(3);
    try (Schedules schedules = new Schedules(database.dataSource())) {
      schedules.every("sweep", Duration.ofMillis(20), calls::countDown);
      schedules.start();
      assertThat(calls.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
