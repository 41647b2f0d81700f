package dev.mlp.controlplane.metrics;

import java.util.regex.Pattern;

/**
 * How a metric is read from a log: the first group of the first match is its value; the whole match
 * where the expression has no group.
 */
public record MetricDefinition(String name, Pattern regex) {}
