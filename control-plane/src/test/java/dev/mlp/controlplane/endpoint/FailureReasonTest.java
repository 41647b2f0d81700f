package dev.mlp.controlplane.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  @Test
  void saysHowTheContainerEndedAndWhatItSaidLast() {
    Phase.Exit exit = new Phase.Exit(137, true, Optional.of("out of heap\n"), Samples.NOW);

    assertThat(
            FailureReason.of(
                "AllTraffic",
                new InstanceTrouble.Exited(exit),
                "connection refused",
                List.of("first", "last")))
        .isEqualTo(
            "The primary container for production variant AllTraffic did not pass the ping health"
                + " check. Please check CloudWatch logs for this endpoint. The container exited with"
                + " code 137 (out of memory). Failure: out of heap Last ping: connection refused."
                + " Last log lines:\nfirst\nlast");
  }

  @Test
  void keepsTheLastLinesThatFit() {
    List<String> log = IntStream.range(0, 200).mapToObj(i -> "line " + i).toList();

    String reason =
        FailureReason.of(
            "A", new InstanceTrouble.StartTooSlow(Duration.ofMinutes(2)), "HTTP 503", log);

    assertThat(reason.length()).isBetween(900, FailureReason.LIMIT);
    assertThat(reason).contains("given 120 seconds").endsWith("\nline 198\nline 199");
  }

  @Test
  void isCutWhereOneTextAloneIsTooLong() {
    for (InstanceTrouble trouble :
        List.of(
            new InstanceTrouble.Broke(Phase.Step.STAGING, "x".repeat(3000)),
            new InstanceTrouble.Vanished("x".repeat(3000)),
            new InstanceTrouble.Refused("x".repeat(3000)))) {
      assertThat(FailureReason.of("A", trouble, "", List.of("log")))
          .hasSize(FailureReason.LIMIT)
          .endsWith("x…");
    }
    assertThat(
            FailureReason.of(
                "A", new InstanceTrouble.Vanished("gone"), "", List.of("l".repeat(2000))))
        .endsWith("gone");
  }
}
