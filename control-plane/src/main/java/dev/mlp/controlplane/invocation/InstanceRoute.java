package dev.mlp.controlplane.invocation;

/** A ready instance and where its {@code /invocations} is reached. */
public record InstanceRoute(String id, String host, int port) {}
