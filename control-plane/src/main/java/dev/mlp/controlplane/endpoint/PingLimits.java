package dev.mlp.controlplane.endpoint;

import java.time.Duration;

/**
 * How instances are asked how they are.
 *
 * @param first between the first pings of an instance that starts; each pause is a quarter longer
 * @param slowest between the pings of an instance that starts, at most
 * @param steady between the pings of one that answers
 * @param retry between the pings of one that has answered and does not now
 * @param timeout for one ping
 */
public record PingLimits(
    Duration first, Duration slowest, Duration steady, Duration retry, Duration timeout) {
  public static PingLimits defaults() {
    return new PingLimits(
        Duration.ofMillis(50),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2));
  }
}
