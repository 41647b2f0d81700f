package dev.mlp.controlplane.metrics;

/** A minute of a series as one writer saw it; the views of several writers add up. */
record StoredMinute(String unit, int epochMinute, long writer, Aggregate aggregate) {}
