package dev.mlp.controlplane.metrics;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Tenant TENANT = new Tenant("123456789012", "eu-central-1");
  private static final MetricId CPU = id("CPUUtilization", "job/algo-1");

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final MetricStore store = new MetricStore(database.jdbi());
  private final SettableClock clock = new SettableClock(START);
  private Metrics metrics = new Metrics(store, clock);

  @AfterEach
  void nothingLeaks() {
    metrics.close();
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  @Test
  void aMinuteIsTheSameFromMemoryAndFromTheTableAndFromBoth() {
    for (int second = 0; second < 120; second += 5) {
      add(CPU, second, second);
    }
    Map<Instant, List<Double>> inMemory = minutes(CPU);
    at(60);
    metrics.write();
    assertThat(rows()).isEqualTo(1);
    assertThat(minutes(CPU)).isEqualTo(inMemory);
    at(600);
    metrics.write();
    assertThat(rows()).isEqualTo(2);
    assertThat(minutes(CPU)).isEqualTo(inMemory);
    assertThat(inMemory.get(START)).containsExactly(12.0, 330.0, 0.0, 55.0);
    assertThat(inMemory.get(START.plusSeconds(60))).containsExactly(12.0, 1050.0, 60.0, 115.0);
  }

  @Test
  void aRestartLosesAndDoublesNothing() {
    add(CPU, 1, 10);
    add(CPU, 61, 20);
    restart();
    assertThat(rows()).isEqualTo(2);
    add(CPU, 62, 40); // the same minute goes on, another process writes it
    assertThat(minutes(CPU).get(START.plusSeconds(60))).containsExactly(2.0, 60.0, 20.0, 40.0);
    restart();
    restart();
    assertThat(rows()).isEqualTo(3);
    assertThat(minutes(CPU).get(START)).containsExactly(1.0, 10.0, 10.0, 10.0);
    assertThat(minutes(CPU).get(START.plusSeconds(60))).containsExactly(2.0, 60.0, 20.0, 40.0);
  }

  @Test
  void whatComesInLateIsCountedOnceHoweverLate() {
    add(CPU, 1, 1);
    at(60);
    metrics.write();
    metrics.add(new MetricSeries(CPU, "Percent"), START.plusSeconds(2), 2); // a minute late
    metrics.write();
    assertThat(rows()).isEqualTo(1);
    at(3600);
    metrics.write();
    metrics.add(new MetricSeries(CPU, "Percent"), START.plusSeconds(3), 3); // an hour late
    metrics.write();
    metrics.write();
    assertThat(rows()).isEqualTo(2);
    assertThat(minutes(CPU).get(START)).containsExactly(3.0, 6.0, 1.0, 3.0);
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLaterOnce() {
    add(CPU, 1, 1);
    at(90);
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE metric_minute RENAME TO elsewhere"));
    metrics.write();
    metrics.write();
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE elsewhere RENAME TO metric_minute"));
    assertThat(rows()).isZero();
    metrics.write();
    metrics.write();
    assertThat(rows()).isEqualTo(1);
    assertThat(minutes(CPU).get(START)).containsExactly(1.0, 1.0, 1.0, 1.0);
  }

  @Test
  void aRowWhoseCommitWasNotHeardOfIsReplaced() {
    add(CPU, 1, 1);
    LiveMetric.Pending pending =
        new LiveMetric.Pending(
            new MetricSeries(CPU, "Percent"),
            LiveMetric.epochMinute(START),
            7,
            aggregate(5),
            false,
            1);
    store.write(List.of(pending), START);
    store.write(
        List.of(
            new LiveMetric.Pending(
                pending.series(), pending.epochMinute(), 7, aggregate(5, 6), true, 2)),
        START);
    assertThat(rows()).isEqualTo(1);
    assertThat(minutes(CPU).get(START)).containsExactly(3.0, 12.0, 1.0, 6.0);
  }

  @Test
  void secondsAreKeptForThreeHours() {
    for (int second = 0; second < 4 * 3600; second += 5) {
      add(CPU, second, second % 10);
    }
    NavigableMap<Instant, Aggregate> all =
        metrics
            .periods(CPU, START, clock.instant().plusSeconds(1), Duration.ofSeconds(5))
            .getOrDefault("Percent", new TreeMap<>());
    assertThat(all).hasSize(SecondRing.SECONDS / 5);
    assertThat(all.firstKey()).isEqualTo(START.plusSeconds(3600));
    NavigableMap<Instant, Aggregate> tens =
        metrics
            .periods(CPU, START.plusSeconds(7200), START.plusSeconds(7220), Duration.ofSeconds(10))
            .getOrDefault("Percent", new TreeMap<>());
    assertThat(tens.keySet()).containsExactly(START.plusSeconds(7200), START.plusSeconds(7210));
    assertThat(tens.firstEntry().getValue().average()).isEqualTo(2.5);
    assertThat(tens.firstEntry().getValue().percentile(1)).isCloseTo(5, within(0.05));
  }

  @Test
  void longerPeriodsAddMinutesUp() {
    for (int minute = 0; minute < 10; minute++) {
      add(CPU, 60L * minute, minute);
    }
    restart();
    NavigableMap<Instant, Aggregate> fives =
        metrics
            .periods(CPU, START, START.plusSeconds(600), Duration.ofMinutes(5))
            .getOrDefault("Percent", new TreeMap<>());
    assertThat(fives.keySet()).containsExactly(START, START.plusSeconds(300));
    assertThat(fives.firstEntry().getValue().sum()).isEqualTo(10);
    assertThat(fives.lastEntry().getValue().max()).isEqualTo(9);
    assertThat(fives.lastEntry().getValue().percentile(0.5)).isCloseTo(7, within(0.07));
  }

  @Test
  void unitsAndDimensionsAndTenantsAreApart() {
    add(CPU, 1, 1);
    metrics.add(new MetricSeries(CPU, "Count"), START, 100);
    add(id("CPUUtilization", "job/algo-2"), 1, 2);
    add(
        new MetricId(
            new Tenant("999999999999", "eu-central-1"),
            CPU.namespace(),
            CPU.name(),
            CPU.dimensions()),
        1,
        3);
    restart();
    assertThat(metrics.periods(CPU, START, START.plusSeconds(60), MINUTE).keySet())
        .containsExactly("Count", "Percent");
    assertThat(minutes(CPU).get(START)).containsExactly(1.0, 1.0, 1.0, 1.0);
    assertThat(listed()).containsExactly(CPU, id("CPUUtilization", "job/algo-2"));
  }

  @Test
  void dimensionsAreTheSameInAnyOrder() {
    MetricId one =
        new MetricId(TENANT, "n", "m", List.of(new Dimension("a", "1"), new Dimension("b", "2")));
    MetricId other =
        new MetricId(TENANT, "n", "m", List.of(new Dimension("b", "2"), new Dimension("a", "1")));
    add(one, 0, 1);
    restart();
    assertThat(minutes(other)).hasSize(1);
  }

  @Test
  void aSweepDeletesWhatIsOldAndLeavesTheRest() {
    add(CPU, 0, 1);
    restart();
    MetricId later = id("CPUUtilization", "job/algo-2");
    add(later, 4 * 86_400, 2);
    restart();
    at(17 * 86_400);
    metrics.sweep(Duration.ofDays(15));
    assertThat(minutes(CPU)).isEmpty();
    assertThat(metrics.list(TENANT, Optional.empty(), Optional.empty(), Instant.EPOCH))
        .containsExactly(later);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void metricsAreListedFromTheFirstSampleOn() {
    add(CPU, 0, 1);
    assertThat(listed()).containsExactly(CPU);
    at(3 * 86_400);
    restart();
    assertThat(listed()).containsExactly(CPU);
    assertThat(
            metrics.list(
                TENANT, Optional.empty(), Optional.empty(), clock.instant().plusSeconds(7201)))
        .isEmpty();
    assertThat(metrics.list(TENANT, Optional.of("other"), Optional.empty(), START)).isEmpty();
    assertThat(metrics.list(TENANT, Optional.of(CPU.namespace()), Optional.of(CPU.name()), START))
        .containsExactly(CPU);
  }

  @Test
  void theLongestIdleMetricsGiveTheirSecondsUpFirst() {
    metrics.close();
    metrics = new Metrics(store, clock, 300, 100);
    MetricId idle = id("CPUUtilization", "job/algo-2");
    for (int second = 0; second < 200; second++) {
      add(idle, second, 1);
    }
    for (int second = 200; second < 400; second++) {
      add(CPU, second, 1);
    }
    at(420);
    metrics.write();
    assertThat(seconds(idle)).isEmpty();
    assertThat(seconds(CPU)).hasSize(200);
    assertThat(minutes(idle)).hasSize(4);
  }

  @Test
  void theOlderHalfOfTheMinutesIsGivenUpWhenTooManyCannotBeWritten() {
    metrics.close();
    metrics = new Metrics(store, clock, 1000, 100);
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE metric_minute RENAME TO elsewhere"));
    for (int minute = 0; minute < 101; minute++) {
      add(CPU, 60L * minute, minute);
    }
    at(60 * 102);
    metrics.write();
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE elsewhere RENAME TO metric_minute"));
    metrics.write();
    assertThat(minutes(CPU)).hasSize(51);
    assertThat(minutes(CPU)).containsKey(START.plusSeconds(60 * 100));
  }

  private Map<Instant, Aggregate> seconds(MetricId id) {
    return metrics
        .periods(id, START, clock.instant(), Duration.ofSeconds(1))
        .getOrDefault("Percent", new TreeMap<>());
  }

  @Test
  void valuesThatAreNoNumbersAreLeftOut() {
    add(CPU, 0, Double.NaN);
    add(CPU, 0, Double.POSITIVE_INFINITY);
    assertThat(minutes(CPU)).isEmpty();
  }

  @Test
  void manyThreadsAddWhileItIsWrittenAndNothingIsLost() {
    List<CompletableFuture<Void>> adding = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int offset = thread;
      adding.add(
          CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 5000; i++) {
              metrics.add(
                  new MetricSeries(CPU, "Percent"), START.plusSeconds(offset * 60L + i % 60), 1);
            }
          }));
    }
    at(3600);
    CompletableFuture<Void> all = CompletableFuture.allOf(adding.toArray(CompletableFuture[]::new));
    while (!all.isDone()) {
      metrics.write();
    }
    all.join();
    restart();
    assertThat(minutes(CPU).values())
        .allSatisfy(minute -> assertThat(minute.getFirst()).isEqualTo(5000))
        .hasSize(4);
  }

  @Test
  void writesByItself() throws Exception {
    metrics.start(Duration.ofMillis(20));
    add(CPU, 0, 1);
    at(61);
    eventually(this::rows, rows -> rows == 1);
  }

  private void restart() {
    metrics.close();
    metrics = new Metrics(store, clock);
  }

  private void at(long second) {
    clock.set(START.plusSeconds(second));
  }

  private void add(MetricId id, long second, double value) {
    at(second);
    metrics.add(new MetricSeries(id, "Percent"), clock.instant(), value);
  }

  /** Count, sum, minimum, maximum. */
  private Map<Instant, List<Double>> minutes(MetricId id) {
    Map<Instant, List<Double>> minutes = new TreeMap<>();
    metrics
        .periods(id, START, START.plus(Duration.ofDays(2)), MINUTE)
        .getOrDefault("Percent", new TreeMap<>())
        .forEach((at, a) -> minutes.put(at, List.of(a.count(), a.sum(), a.min(), a.max())));
    return minutes;
  }

  private Iterable<MetricId> listed() {
    return metrics.list(TENANT, Optional.empty(), Optional.empty(), START);
  }

  private int rows() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("SELECT COUNT(*) FROM metric_minute").mapTo(Integer.class).one());
  }

  private static Aggregate aggregate(double... values) {
    Aggregate aggregate = new Aggregate();
    for (double value : values) {
      aggregate.add(value, 1);
    }
    return aggregate;
  }

  private static MetricId id(String name, String host) {
    return new MetricId(
        TENANT, "/aws/sagemaker/TrainingJobs", name, List.of(new Dimension("Host", host)));
  }
}
