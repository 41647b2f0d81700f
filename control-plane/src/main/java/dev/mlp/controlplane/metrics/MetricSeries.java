package dev.mlp.controlplane.metrics;

/**
 * One series of samples. A metric has one per unit: values of different units are never added up.
 *
 * @param unit as CloudWatch names it: {@code Percent}, {@code Count}, {@code None}
 */
public record MetricSeries(MetricId id, String unit) {}
