package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.invocation.EndpointKey;
import java.time.Instant;

/**
 * An endpoint's own row.
 *
 * @param generation the one that is wanted
 * @param version for guarded updates
 */
public record Endpoint(
    EndpointKey key,
    long generation,
    EndpointState state,
    long version,
    Instant createdAt,
    Instant modifiedAt) {}
