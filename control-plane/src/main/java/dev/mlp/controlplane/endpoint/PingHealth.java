package dev.mlp.controlplane.endpoint;

/**
 * What an instance's pings have come to.
 *
 * @param passed the last one got a 200
 * @param failuresInRow since the last that passed
 * @param lastAnswer in words, such as {@code HTTP 503} or {@code connection refused}
 */
public record PingHealth(boolean passed, int failuresInRow, String lastAnswer) {
  public static final PingHealth UNKNOWN = new PingHealth(false, 0, "none was sent");
}
