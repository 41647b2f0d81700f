package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.container.MemberObservation;
import java.util.Optional;

/**
 * An instance as it is now.
 *
 * @param member as the runtime sees it; empty where the runtime does not know it
 * @param drained no request is outstanding at it, and none will come
 */
public record InstanceObservation(
    Optional<MemberObservation> member, PingHealth pings, boolean drained) {}
