package dev.mlp.controlplane.metrics;

import java.time.Instant;

/** What a metric was at a time. */
public record MetricValue(String name, double value, Instant at) {}
