package dev.mlp.controlplane.access;

/** Who signed the request: the tenant that it acts in, and the key with its role. */
public record Caller(Tenant tenant, String accessKeyId, Role role) {}
