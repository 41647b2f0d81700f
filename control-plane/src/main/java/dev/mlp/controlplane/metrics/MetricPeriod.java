package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * The periods that a request asks for.
 *
 * @param from where the first one begins: the request's start, rounded down as CloudWatch does
 * @param to exclusive
 */
record MetricPeriod(Instant from, Instant to, Duration length) {
  private static final Set<Integer> PARTS_OF_A_MINUTE = Set.of(1, 5, 10, 30);

  /**
   * @throws ApiException INVALID_PARAMETER_VALUE where there are no such periods
   */
  static MetricPeriod of(Instant start, Instant end, int seconds) {
    if (!start.isBefore(end)) {
      throw new ApiException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "The parameter StartTime must be less than the parameter EndTime.");
    }
    if (seconds % 60 != 0 && !PARTS_OF_A_MINUTE.contains(seconds)) {
      throw new ApiException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "The parameter Period must be 1, 5, 10, 30 or a multiple of 60, not " + seconds + ".");
    }
    long second = start.getEpochSecond();
    return new MetricPeriod(
        Instant.ofEpochSecond(second - Math.floorMod(second, Math.min(seconds, 60))),
        end,
        Duration.ofSeconds(seconds));
  }

  /** How many there are. */
  long count() {
    return Math.ceilDiv(Duration.between(from, to).toMillis(), length.toMillis());
  }
}
