package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.container.GroupId;
import java.time.Instant;

/**
 * One instance of an endpoint; its row is there before anything of it runs.
 *
 * @param id such as {@code i-0a1b2c3d4e5f60718}, also the last part of its log stream
 * @param generation which of the endpoint's generations it runs
 * @param group its name at the runtime: never used twice
 * @param version for guarded updates
 */
public record Instance(
    String id,
    String variant,
    long generation,
    GroupId group,
    InstanceState state,
    long version,
    Instant createdAt) {}
