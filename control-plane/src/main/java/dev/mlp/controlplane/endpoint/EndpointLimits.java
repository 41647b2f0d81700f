package dev.mlp.controlplane.endpoint;

import java.time.Duration;

/**
 * How long endpoints and instances may take.
 *
 * @param downloadTimeout for staging the model, where the variant does not say
 * @param startupTimeout until the first passed ping, where the variant does not say
 * @param capacityTimeout how long a creation waits for memory
 * @param drainTimeout how long outstanding requests are waited for
 * @param stopGrace from SIGTERM to SIGKILL
 * @param stopSlack how long after the grace the runtime may take to report the end
 * @param startAttempts how often an instance of a creation may crash until the creation fails
 * @param failureWindow how long a failure counts
 * @param firstBackOff before the third start in the window (the second is made at once); doubled
 *     for each further one
 * @param longestBackOff at most
 * @param failedPings in a row, until an instance that was ready is replaced
 */
public record EndpointLimits(
    Duration downloadTimeout,
    Duration startupTimeout,
    Duration capacityTimeout,
    Duration drainTimeout,
    Duration stopGrace,
    Duration stopSlack,
    int startAttempts,
    Duration failureWindow,
    Duration firstBackOff,
    Duration longestBackOff,
    int failedPings) {
  public static EndpointLimits defaults() {
    return new EndpointLimits(
        Duration.ofMinutes(30),
        Duration.ofMinutes(5),
        Duration.ofHours(1),
        Duration.ofSeconds(65),
        Duration.ofSeconds(30),
        Duration.ofSeconds(15),
        2,
        Duration.ofMinutes(10),
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        5);
  }

  /** How long after the last of so many failures the next start is made. */
  Duration backOff(int failures) {
    if (failures < 2) {
      return Duration.ZERO;
    }
    Duration wait = firstBackOff;
    for (int i = 2; i < failures && wait.compareTo(longestBackOff) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(longestBackOff) < 0 ? wait : longestBackOff;
  }
}
