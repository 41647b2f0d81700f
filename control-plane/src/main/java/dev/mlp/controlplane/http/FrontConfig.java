package dev.mlp.controlplane.http;

import java.time.Duration;

/**
 * The one port and its limits.
 *
 * @param host to listen on, such as {@code 127.0.0.1}
 * @param port 0 takes a free one
 * @param maxRequestBytes one body of an API call or an invocation; objects have no limit here
 * @param maxBodyBytes all such bodies that are in memory at one time
 * @param bodyTimeout without a byte of a body until its request is given up
 * @param idleTimeout without a byte either way until a connection is closed; longer than any model
 *     thinks
 * @param closeTimeout for what is in flight when the server closes
 */
public record FrontConfig(
    String host,
    int port,
    long maxRequestBytes,
    long maxBodyBytes,
    Duration bodyTimeout,
    Duration idleTimeout,
    Duration closeTimeout) {
  public FrontConfig {
    if (maxRequestBytes <= 0 || maxBodyBytes < maxRequestBytes) {
      throw new IllegalArgumentException(
          "maxBodyBytes "
              + maxBodyBytes
              + ": expected at least one request of "
              + maxRequestBytes
              + " bytes");
    }
  }

  /** SageMaker's own limit of 6 MiB per request, and 256 MiB for all. */
  public static FrontConfig of(String host, int port) {
    return new FrontConfig(
        host,
        port,
        6L << 20,
        256L << 20,
        Duration.ofSeconds(30),
        Duration.ofMinutes(15),
        Duration.ofSeconds(30));
  }
}
