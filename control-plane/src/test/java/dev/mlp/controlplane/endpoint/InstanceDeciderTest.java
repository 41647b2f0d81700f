package dev.mlp.controlplane.endpoint;

import static dev.mlp.controlplane.endpoint.Samples.LIMITS;
import static dev.mlp.controlplane.endpoint.Samples.NOW;
import static dev.mlp.controlplane.endpoint.Samples.SPEC;
import static dev.mlp.controlplane.endpoint.Samples.instance;
import static dev.mlp.controlplane.endpoint.Samples.ready;
import static dev.mlp.controlplane.endpoint.Samples.seen;
import static dev.mlp.controlplane.endpoint.Samples.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InstanceDeciderTest {
  private static final PingHealth PASSED = new PingHealth(true, 0, "HTTP 200");
  private static final PingHealth REFUSED = new PingHealth(false, 3, "connection refused");
  private static final Phase.Exit EXIT = new Phase.Exit(3, false, Optional.empty(), NOW);
  private static final Phase RUNNING = new Phase.Running();
  private static final InstanceState STARTING = new InstanceState.Starting(NOW);
  private static final InstanceState WAITING = new InstanceState.Waiting(NOW, "");
  private static final InstanceState DRAINING = new InstanceState.Draining(NOW, Optional.empty());
  private static final InstanceState STOPPING = new InstanceState.Stopping(NOW, Optional.empty());
  private static final InstanceAction REST = new InstanceAction.Rest();
  private static final InstanceAction STOP = new InstanceAction.Stop(Optional.empty());
  private static final InstanceAction DRAIN = new InstanceAction.Drain(Optional.empty());
  private static final InstanceAction REMOVE = new InstanceAction.Remove();
  private static final InstanceAction ADMIT = new InstanceAction.Admit("127.0.0.1", 8080);

  static List<Arguments> wanted() {
    return List.of(
        Arguments.of("waits", WAITING, unknown(), 0, new InstanceAction.Begin()),
        Arguments.of("pending", STARTING, seen(new Phase.Pending(), REFUSED), 0, REST),
        Arguments.of("staging", STARTING, seen(new Phase.Staging("1 of 2"), REFUSED), 600, REST),
        Arguments.of(
            "staging for too long",
            STARTING,
            seen(new Phase.Staging("1 of 2"), REFUSED),
            601,
            stop(new InstanceTrouble.StagingTooSlow(SPEC.downloadTimeout()))),
        Arguments.of("not answering yet", STARTING, seen(RUNNING, REFUSED), 60, REST),
        Arguments.of(
            "not answering for too long",
            STARTING,
            seen(RUNNING, REFUSED),
            61,
            stop(new InstanceTrouble.StartTooSlow(SPEC.startupTimeout()))),
        Arguments.of("answering", STARTING, seen(RUNNING, PASSED), 0, ADMIT),
        Arguments.of("answering in the last moment", STARTING, seen(RUNNING, PASSED), 61, ADMIT),
        Arguments.of(
            "exited",
            STARTING,
            seen(new Phase.Exited(EXIT), REFUSED),
            0,
            stop(new InstanceTrouble.Exited(EXIT))),
        Arguments.of(
            "collecting",
            STARTING,
            seen(new Phase.Collecting(EXIT), REFUSED),
            0,
            stop(new InstanceTrouble.Exited(EXIT))),
        Arguments.of(
            "staging failed",
            STARTING,
            seen(new Phase.Broken(Phase.Step.STAGING, "no object", Optional.empty()), REFUSED),
            0,
            stop(new InstanceTrouble.Broke(Phase.Step.STAGING, "no object"))),
        Arguments.of(
            "lost",
            STARTING,
            seen(new Phase.Lost("rebooted"), REFUSED),
            0,
            stop(new InstanceTrouble.Vanished("rebooted"))),
        Arguments.of(
            "removed",
            STARTING,
            unknown(),
            0,
            stop(new InstanceTrouble.Vanished("it was removed from outside"))),
        Arguments.of("ready", ready(), seen(RUNNING, PASSED), 0, REST),
        Arguments.of(
            "adopted, not pinged yet", ready(), seen(RUNNING, PingHealth.UNKNOWN), 0, REST),
        Arguments.of("missed a few pings", ready(), seen(RUNNING, silent(4)), 0, REST),
        Arguments.of(
            "missed too many",
            ready(),
            seen(RUNNING, silent(5)),
            0,
            new InstanceAction.Drain(Optional.of(new InstanceTrouble.Unresponsive(5)))),
        Arguments.of(
            "moved",
            new InstanceState.Ready(NOW, "127.0.0.1", 9999),
            seen(RUNNING, PASSED),
            0,
            ADMIT),
        Arguments.of(
            "died",
            ready(),
            seen(new Phase.Exited(EXIT), PASSED),
            0,
            stop(new InstanceTrouble.Exited(EXIT))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wanted")
  void bringsAWantedInstanceUpAndKeepsIt(
      String what,
      InstanceState state,
      InstanceObservation seen,
      int seconds,
      InstanceAction next) {
    assertThat(decide(state, true, seen, seconds)).isEqualTo(next);
  }

  static List<Arguments> unwanted() {
    InstanceObservation drained =
        new InstanceObservation(seen(RUNNING, PASSED).member(), PASSED, true);
    return List.of(
        Arguments.of("waits", WAITING, unknown(), 0, STOP),
        Arguments.of("starting", STARTING, seen(RUNNING, PASSED), 0, STOP),
        Arguments.of("ready", ready(), seen(RUNNING, PASSED), 0, DRAIN),
        Arguments.of("has requests", DRAINING, seen(RUNNING, PASSED), 65, REST),
        Arguments.of("has no more requests", DRAINING, drained, 0, STOP),
        Arguments.of("has had time enough", DRAINING, seen(RUNNING, PASSED), 66, STOP),
        Arguments.of(
            "died while draining", DRAINING, seen(new Phase.Exited(EXIT), PASSED), 0, STOP),
        Arguments.of("ending", STOPPING, seen(RUNNING, PASSED), 45, REST),
        Arguments.of("collecting", STOPPING, seen(new Phase.Collecting(EXIT), PASSED), 1, REST),
        Arguments.of("ended", STOPPING, seen(new Phase.Exited(EXIT), PASSED), 0, REMOVE),
        Arguments.of("never started", STOPPING, unknown(), 0, REMOVE),
        Arguments.of("does not end", STOPPING, seen(RUNNING, PASSED), 46, REMOVE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unwanted")
  void takesAnUnwantedInstanceDownStepByStep(
      String what,
      InstanceState state,
      InstanceObservation seen,
      int seconds,
      InstanceAction next) {
    assertThat(decide(state, false, seen, seconds)).isEqualTo(next);
  }

  @Test
  void nothingIsDoneWithWhatHasFailed() {
    InstanceState failed = Samples.failed(NOW, InstanceFailure.Cause.CRASHED, "x");
    assertThat(decide(failed, true, unknown(), 9999)).isEqualTo(REST);
    assertThat(decide(failed, false, unknown(), 9999)).isEqualTo(REST);
  }

  @Property
  void onlyARunningInstanceThatPassedAPingIsAdmitted(
      @ForAll("states") InstanceState state,
      @ForAll("observations") InstanceObservation seen,
      @ForAll boolean wanted) {
    if (decide(state, wanted, seen, 30) instanceof InstanceAction.Admit) {
      assertThat(wanted).isTrue();
      assertThat(seen.member().orElseThrow().phase()).isInstanceOf(Phase.Running.class);
      // One that is ready already has passed before; it is only followed to its new address.
      assertThat(seen.pings().passed() || state instanceof InstanceState.Ready).isTrue();
    }
  }

  @Property
  void whatIsNotWantedIsNeverStarted(
      @ForAll("states") InstanceState state, @ForAll("observations") InstanceObservation seen) {
    assertThat(decide(state, false, seen, 30))
        .isNotInstanceOfAny(InstanceAction.Begin.class, InstanceAction.Admit.class);
  }

  @Property
  void whatIsGoingDownNeverComesBack(
      @ForAll("observations") InstanceObservation seen, @ForAll boolean wanted) {
    for (InstanceState state : List.of(DRAINING, STOPPING)) {
      assertThat(decide(state, wanted, seen, 30))
          .isInstanceOfAny(
              InstanceAction.Rest.class, InstanceAction.Stop.class, InstanceAction.Remove.class);
    }
  }

  @Property
  void noStateLastsForeverOnceUnwanted(@ForAll("observations") InstanceObservation seen) {
    for (InstanceState state : List.of(WAITING, STARTING, ready(), DRAINING, STOPPING)) {
      assertThat(decide(state, false, seen, 100_000)).isNotEqualTo(REST);
    }
  }

  @Provide
  Arbitrary<InstanceState> states() {
    return Arbitraries.of(
        WAITING,
        STARTING,
        ready(),
        new InstanceState.Ready(NOW, "127.0.0.1", 9999),
        DRAINING,
        STOPPING,
        Samples.failed(NOW, InstanceFailure.Cause.CRASHED, "x"));
  }

  @Provide
  Arbitrary<InstanceObservation> observations() {
    Arbitrary<Phase> phases =
        Arbitraries.of(
            new Phase.Pending(),
            new Phase.Staging(""),
            RUNNING,
            new Phase.Collecting(EXIT),
            new Phase.Exited(EXIT),
            new Phase.Broken(Phase.Step.STARTING, "x", Optional.empty()),
            new Phase.Lost("x"));
    Arbitrary<PingHealth> pings =
        Arbitraries.of(PASSED, REFUSED, silent(5), silent(50), PingHealth.UNKNOWN);
    return Combinators.combine(phases, pings, Arbitraries.of(true, false))
        .as((phase, health, drained) ->
            new InstanceObservation(seen(phase, health).member(), health, drained))
        .injectNull(0.1)
        .map(seen -> seen == null ? unknown() : seen);
  }

  private static PingHealth silent(int pings) {
    return new PingHealth(false, pings, "no answer within 2000 ms");
  }

  private static InstanceAction stop(InstanceTrouble trouble) {
    return new InstanceAction.Stop(Optional.of(trouble));
  }

  private static InstanceAction decide(
      InstanceState state, boolean wanted, InstanceObservation seen, int secondsLater) {
    Instant now = NOW.plusSeconds(secondsLater);
    return InstanceDecider.decide(instance(1, state), SPEC, wanted, seen, LIMITS, now);
  }
}
