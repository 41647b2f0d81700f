package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.access.Tenant;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every metric there is: a ring of seconds in memory, and minutes in the database.
 *
 * <p>Samples go into memory; minutes that have ended are written together, one row per series and
 * minute, and the open ones too at {@link #close}. A row is this process's whole view of that
 * minute: it is written again after a failure, or when more comes in late, and nothing counts
 * twice. A server that is killed loses what came in since the last writing, a minute and a half at
 * most.
 *
 * <p>Bounds: seconds of the last three hours and of half a million points (20 MB) in all, the
 * longest idle metrics giving way first; while the database takes none, a hundred thousand minutes
 * (100 MB at most), the older half of them giving way.
 */
public final class Metrics implements MetricSink, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Metrics.class);

  private static final int MOST_POINTS = 500_000;
  private static final int MOST_UNWRITTEN = 100_000;

  /** How long samples of a minute that has ended are put to what is in memory of it. */
  private static final int LATE_MINUTES = 2;

  private final MetricStore store;
  private final Clock clock;
  private final int mostPoints;
  private final int mostUnwritten;
  private final SecureRandom writers = new SecureRandom();
  private final Map<MetricId, LiveMetric> live = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("metrics-write").factory());
  // Held while writing: what a writing has tried, the next one must know.
  private final Object writing = new Object();
  private boolean degraded;

  public Metrics(MetricStore store, Clock clock) {
    this(store, clock, MOST_POINTS, MOST_UNWRITTEN);
  }

  Metrics(MetricStore store, Clock clock, int mostPoints, int mostUnwritten) {
    this.store = store;
    this.clock = clock;
    this.mostPoints = mostPoints;
    this.mostUnwritten = mostUnwritten;
  }

  /** Begins to write, at this interval. */
  public void start(Duration interval) {
    var _ =
        ticks.scheduleWithFixedDelay(
            this::write, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void add(MetricSeries series, Instant at, double value) {
    if (!Double.isFinite(value)) {
      return;
    }
    Instant now = clock.instant();
    // Within compute: a metric that is being let go of is not added to.
    live.compute(
        series.id(),
        (id, known) -> {
          LiveMetric metric = known == null ? new LiveMetric(id) : known;
          metric.add(series.unit(), at, value, 1, now, writers::nextLong);
          return metric;
        });
  }

  /** Writes the minutes that have ended, and lets go of what is no longer needed here. */
  void write() {
    Instant now = clock.instant();
    int current = LiveMetric.epochMinute(now);
    if (write(current, now)) {
      live.keySet()
          .forEach(id ->
              live.computeIfPresent(
                  id, (_, metric) -> metric.forget(current - LATE_MINUTES, now) ? null : metric));
      keepToTheBound();
    }
  }

  private boolean write(int beforeMinute, Instant now) {
    synchronized (writing) {
      List<LiveMetric.Pending> pending = new ArrayList<>();
      live.values().forEach(metric -> pending.addAll(metric.pending(beforeMinute)));
      if (pending.isEmpty()) {
        return true;
      }
      try {
        store.write(pending, now);
      } catch (RuntimeException e) {
        if (!degraded) {
          degraded = true;
          logger.warn("metrics cannot be written; it is tried again until they can", e);
        }
        giveWay(pending);
        return false;
      }
      degraded = false;
      for (LiveMetric.Pending each : pending) {
        LiveMetric metric = live.get(each.series().id());
        if (metric != null) {
          metric.written(each);
        }
      }
      return true;
    }
  }

  private void giveWay(List<LiveMetric.Pending> unwritten) {
    if (unwritten.size() > mostUnwritten) {
      int[] minutes =
          unwritten.stream().mapToInt(LiveMetric.Pending::epochMinute).sorted().toArray();
      int middle = minutes[minutes.length / 2];
      live.values().forEach(metric -> metric.giveUp(middle));
      logger.warn("metrics of before {} are lost", Instant.ofEpochSecond(60L * middle));
    }
  }

  private void keepToTheBound() {
    int points = 0;
    for (LiveMetric metric : live.values()) {
      points += metric.capacity();
    }
    if (points > mostPoints) {
      List<LiveMetric> longestIdleFirst =
          live.values().stream().sorted(Comparator.comparing(LiveMetric::lastAddedAt)).toList();
      for (LiveMetric metric : longestIdleFirst) {
        if (points <= mostPoints) {
          break;
        }
        points -= metric.capacity();
        metric.forgetSeconds();
        points += metric.capacity();
      }
    }
  }

  /**
   * What came in, by unit and by the beginning of its period; periods without samples are left out.
   *
   * @param from where the first period begins
   * @param to exclusive
   * @param period a part of a minute is answered from memory, of the last three hours; otherwise
   *     whole minutes, and {@code from} is the beginning of one
   */
  Map<String, NavigableMap<Instant, Aggregate>> periods(
      MetricId id, Instant from, Instant to, Duration period) {
    Map<String, NavigableMap<Instant, Aggregate>> periods = new TreeMap<>();
    LiveMetric metric = live.get(id);
    if (period.compareTo(Duration.ofMinutes(1)) < 0) {
      if (metric != null) {
        metric.seconds(
            from,
            to,
            (unit, point) -> {
              Aggregate into =
                  into(periods, unit, from, period, Instant.ofEpochSecond(point.epochSecond()));
              if (point.min() == point.max()) {
                into.add(point.min(), point.count());
              } else {
                into.summarize(point.count(), point.sum(), point.min(), point.max());
              }
            });
      }
      return periods;
    }
    int first = LiveMetric.epochMinute(from);
    int last = LiveMetric.epochMinute(to.plusSeconds(60).minusNanos(1));
    if (first >= last) {
      return periods;
    }
    // Memory first: what is written and let go of meanwhile is then found in the table as well, and
    // known by its writer.
    List<StoredMinute> minutes =
        new ArrayList<>(metric == null ? List.of() : metric.minutes(first, last));
    Set<Long> here = new HashSet<>();
    minutes.forEach(minute -> here.add(minute.writer()));
    store.minutes(id, first, last).stream()
        .filter(minute -> !here.contains(minute.writer()))
        .forEach(minutes::add);
    for (StoredMinute minute : minutes) {
      into(periods, minute.unit(), from, period, Instant.ofEpochSecond(60L * minute.epochMinute()))
          .merge(minute.aggregate());
    }
    return periods;
  }

  private static Aggregate into(
      Map<String, NavigableMap<Instant, Aggregate>> periods,
      String unit,
      Instant from,
      Duration period,
      Instant at) {
    long past = at.getEpochSecond() - from.getEpochSecond();
    Instant beginning = from.plusSeconds(past - past % period.toSeconds());
    return periods
        .computeIfAbsent(unit, _ -> new TreeMap<>())
        .computeIfAbsent(beginning, _ -> new Aggregate());
  }

  /** The metrics that something came in for since then. */
  NavigableSet<MetricId> list(
      Tenant tenant, Optional<String> namespace, Optional<String> name, Instant since) {
    NavigableSet<MetricId> ids =
        new TreeSet<>(Comparator.comparing(MetricId::position, MetricId.ORDER));
    ids.addAll(store.written(tenant, namespace, name, since));
    live.forEach((id, metric) -> {
      if (id.tenant().equals(tenant)
          && namespace.map(id.namespace()::equals).orElse(true)
          && name.map(id.name()::equals).orElse(true)
          && !metric.lastAddedAt().isBefore(since)) {
        ids.add(id);
      }
    });
    return ids;
  }

  /** Deletes what is older than this. */
  public void sweep(Duration retention) {
    store.forget(clock.instant().minus(retention));
  }

  /** Writes everything, the open minutes too. */
  @Override
  public void close() {
    ticks.close();
    write(Integer.MAX_VALUE, clock.instant());
  }
}
