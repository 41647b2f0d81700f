package dev.mlp.controlplane.metrics;

import java.time.Instant;

/** Takes samples. Quick, never blocks, may be called from any thread. */
@FunctionalInterface
public interface MetricSink {
  /** Keeps nothing. */
  MetricSink NONE = (_, _, _) -> {};

  /**
   * One sample.
   *
   * @param at when it was measured; may lie in the past
   * @param value finite; anything else is left out
   */
  void add(MetricSeries series, Instant at, double value);
}
