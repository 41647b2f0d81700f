package dev.mlp.controlplane.invocation;

import java.time.Duration;

/**
 * What has gone through one variant or instance since the gateway knows it; all but {@code
 * inFlight} only ever grow. Read a moment apart, two of these give rates.
 *
 * @param invocations answered, whatever the answer; those that the client gave up are left out
 * @param clientErrors the model answered 4xx
 * @param serverErrors the model answered 5xx or not at all
 * @param inFlight taken and not yet answered
 * @param modelLatency in sum: from the first byte sent to the instance to its last one received
 * @param overheadLatency in sum: the rest of the time that the gateway had the request
 */
public record InvocationCounts(
    long invocations,
    long clientErrors,
    long serverErrors,
    int inFlight,
    Duration modelLatency,
    Duration overheadLatency) {}
