package dev.mlp.controlplane.invocation;

import java.time.Duration;

/**
 * What an invocation may take.
 *
 * @param timeout until the model's answer is there, from when the gateway has the request
 * @param connectTimeout until an instance takes a connection; then another one is tried
 * @param connectionsPerInstance open at once; requests past it wait for one
 * @param waitingPerInstance how many may wait for a connection; past it, 503
 * @param errorBodyBytes how much of a failed answer's body is read and told to the client
 * @param bufferedAnswerBytes answers up to this length go out in one write; longer ones, and those
 *     of unknown length, are streamed
 */
public record GatewayLimits(
    Duration timeout,
    Duration connectTimeout,
    int connectionsPerInstance,
    int waitingPerInstance,
    int errorBodyBytes,
    int bufferedAnswerBytes) {
  public static GatewayLimits defaults() {
    return new GatewayLimits(
        Duration.ofSeconds(60), Duration.ofSeconds(2), 256, 1024, 8 * 1024, 64 * 1024);
  }

  public GatewayLimits withTimeout(Duration other) {
    return new GatewayLimits(
        other,
        connectTimeout,
        connectionsPerInstance,
        waitingPerInstance,
        errorBodyBytes,
        bufferedAnswerBytes);
  }
}
