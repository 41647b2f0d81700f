package dev.mlp.controlplane.metrics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * A metric that samples come in for: its last seconds, and the minutes that are not written yet, by
 * unit. Its own lock, never held for long.
 */
final class LiveMetric {
  /**
   * A minute on its way to the table.
   *
   * @param mayBeThere a row of this writer may be there already
   * @param revision how often it had been added to
   */
  record Pending(
      MetricSeries series,
      int epochMinute,
      long writer,
      Aggregate aggregate,
      boolean mayBeThere,
      long revision) {}

  /** One minute as this process has seen it, since it was first heard of or last forgotten. */
  private static final class Minute {
    private final long writer;
    private final Aggregate aggregate = new Aggregate();
    private long revision;
    private long written;
    private boolean attempted;

    Minute(long writer) {
      this.writer = writer;
    }
  }

  private static final class Unit {
    private final SecondRing seconds = new SecondRing();
    private final NavigableMap<Integer, Minute> minutes = new TreeMap<>();
  }

  private final MetricId id;
  private final Map<String, Unit> units = new HashMap<>(2);
  private Instant lastAddedAt = Instant.MIN;

  LiveMetric(MetricId id) {
    this.id = id;
  }

  synchronized void add(
      String unitName, Instant at, double value, double weight, Instant now, LongSupplier writers) {
    Unit unit = units.computeIfAbsent(unitName, _ -> new Unit());
    if (at.getEpochSecond() > now.getEpochSecond() - SecondRing.SECONDS) {
      unit.seconds.add(at.getEpochSecond(), value, weight);
    }
    Minute minute =
        unit.minutes.computeIfAbsent(epochMinute(at), _ -> new Minute(writers.getAsLong()));
    minute.aggregate.add(value, weight);
    minute.revision++;
    lastAddedAt = now;
  }

  static int epochMinute(Instant time) {
    return Math.toIntExact(Math.floorDiv(time.getEpochSecond(), 60));
  }

  /** Minutes before this one that have samples which are not written. */
  synchronized List<Pending> pending(int beforeMinute) {
    List<Pending> pending = new ArrayList<>(0);
    units.forEach((name, unit) ->
        unit.minutes
            .headMap(beforeMinute, false)
            .forEach((number, minute) -> {
              if (minute.revision != minute.written) {
                pending.add(
                    new Pending(
                        new MetricSeries(id, name),
                        number,
                        minute.writer,
                        minute.aggregate.copy(),
                        minute.attempted,
                        minute.revision));
                minute.attempted = true;
              }
            }));
    return pending;
  }

  /** It is in the table now. */
  synchronized void written(Pending pending) {
    Unit unit = units.get(pending.series().unit());
    Minute minute = unit == null ? null : unit.minutes.get(pending.epochMinute());
    if (minute != null && minute.writer == pending.writer()) {
      minute.written = pending.revision();
    }
  }

  /**
   * Lets go of minutes that are written; what comes in for them later is a row of its own.
   *
   * @return whether nothing is left that is worth keeping
   */
  synchronized boolean forget(int beforeMinute, Instant now) {
    long firstSecond = now.getEpochSecond() - SecondRing.SECONDS;
    boolean empty = true;
    for (Unit unit : units.values()) {
      unit.minutes
          .headMap(beforeMinute, false)
          .values()
          .removeIf(minute -> minute.written == minute.revision);
      unit.seconds.forget(firstSecond);
      empty &= unit.minutes.isEmpty();
    }
    return empty && lastAddedAt.getEpochSecond() <= firstSecond;
  }

  /** Gives minutes up that were not written, too. */
  synchronized void giveUp(int beforeMinute) {
    units.values().forEach(unit -> unit.minutes.headMap(beforeMinute, false).clear());
  }

  /** Gives back the memory of the seconds; the minutes stay. */
  synchronized void forgetSeconds() {
    units.values().forEach(unit -> unit.seconds.clear());
  }

  synchronized int capacity() {
    return units.values().stream().mapToInt(unit -> unit.seconds.capacity()).sum();
  }

  synchronized Instant lastAddedAt() {
    return lastAddedAt;
  }

  /** The seconds in {@code [from, to)} of every unit. */
  synchronized void seconds(Instant from, Instant to, BiConsumer<String, SecondPoint> visitor) {
    units.forEach((name, unit) ->
        unit.seconds.visit(
            from.getEpochSecond(),
            to.getEpochSecond(),
            (second, count, sum, min, max) ->
                visitor.accept(name, new SecondPoint(second, count, sum, min, max))));
  }

  /** One second's samples. */
  record SecondPoint(long epochSecond, double count, double sum, double min, double max) {}

  /** The minutes in {@code [from, to)} that are held here, written or not. */
  synchronized List<StoredMinute> minutes(int from, int to) {
    List<StoredMinute> minutes = new ArrayList<>();
    units.forEach((name, unit) ->
        unit.minutes
            .subMap(from, to)
            .forEach((number, minute) ->
                minutes.add(
                    new StoredMinute(name, number, minute.writer, minute.aggregate.copy()))));
    return minutes;
  }
}
