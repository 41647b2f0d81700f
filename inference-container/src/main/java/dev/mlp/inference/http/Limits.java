package dev.mlp.inference.http;

import java.time.Duration;

/**
 * What the HTTP side takes on.
 *
 * @param body largest request body, in bytes
 * @param allBodies what the bodies of all requests in flight may take together, in bytes
 * @param drain how long a stop waits for requests in flight
 */
public record Limits(int body, long allBodies, Duration drain) {
  public Limits {
    if (body < 1 || allBodies < body || drain.isNegative()) {
      throw new IllegalArgumentException(
          "body " + body + ", all " + allBodies + ", drain " + drain);
    }
  }
}
