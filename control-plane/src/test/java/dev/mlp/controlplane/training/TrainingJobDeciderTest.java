package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.metrics.MetricDefinitions;
import dev.mlp.controlplane.training.TrainingJobState.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingJobDeciderTest {
  private static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");
  private static final GroupId GROUP = new GroupId("train-job-1");
  private static final Duration MAX_RUNTIME = Duration.ofMinutes(1);

  private static TrainingJob job(TrainingJobState state, int hosts) {
    TrainingJobDefinition definition =
        new TrainingJobDefinition(
            "image",
            List.of(),
            List.of(),
            Map.of(),
            List.of(),
            Optional.empty(),
            new S3Address("models", ""),
            "local",
            hosts,
            OptionalLong.empty(),
            MAX_RUNTIME,
            Map.of(),
            false,
            new MetricDefinitions(List.of()));
    return new TrainingJob(TrainingWorld.key("job"), GROUP, definition, state, 1, T0);
  }

  private static Instant at(int seconds) {
    return T0.plusSeconds(seconds);
  }

  private static Phase.Exit exit(int code, int seconds) {
    return new Phase.Exit(code, false, Optional.empty(), at(seconds));
  }

  /** Times in seconds; -1 for what has not been. */
  private static MemberObservation member(
      String host, Phase phase, int running, int collecting, int ended) {
    return new MemberObservation(
        host,
        phase,
        Optional.of(at(0)),
        time(running),
        time(collecting),
        time(ended),
        Optional.empty());
  }

  private static Optional<Instant> time(int seconds) {
    return seconds < 0 ? Optional.empty() : Optional.of(at(seconds));
  }

  private static Optional<GroupObservation> group(MemberObservation... members) {
    return Optional.of(
        new GroupObservation(
            GROUP,
            new Owner(TrainingWorld.TENANT, Owner.Kind.TRAINING_JOB, "job"),
            List.of(members)));
  }

  private static TrainingJobAction decide(
      TrainingJobState state, Optional<GroupObservation> group, int now) {
    return TrainingJobDecider.decide(
        job(state, group.map(seen -> seen.members().size()).orElse(1)), group, List.of(), at(now));
  }

  record Case(TrainingJobState state, Optional<GroupObservation> group, int now, Object expected) {}

  private static Stream<Case> cases() {
    TrainingJobState downloading = new TrainingJobState.Downloading(at(0));
    TrainingJobState training = new TrainingJobState.Training(at(10));
    TrainingJobState uploading = new TrainingJobState.Uploading(Optional.of(at(10)), at(20));
    TrainingJobState stopRequested =
        new TrainingJobState.StopRequested(Cause.USER, Optional.of(at(10)), at(15));
    TrainingJobState stopping =
        new TrainingJobState.Stopping(Cause.MAX_RUNTIME, Optional.of(at(10)), at(70));
    Optional<GroupObservation> staging = group(member("algo-1", new Phase.Staging(""), -1, -1, -1));
    Optional<GroupObservation> running = group(member("algo-1", new Phase.Running(), 10, -1, -1));
    Optional<GroupObservation> exited =
        group(member("algo-1", new Phase.Exited(exit(0, 20)), 10, 20, 25));
    return Stream.of(
        new Case(new TrainingJobState.Starting(T0), Optional.empty(), 0, "Reserve"),
        new Case(new TrainingJobState.Pending(T0, "why"), Optional.empty(), 0, "Reserve"),
        new Case(new TrainingJobState.Preparing(T0), Optional.empty(), 0, "Start"),
        new Case(downloading, staging, 5, "Rest"),
        new Case(downloading, running, 12, training),
        new Case(downloading, exited, 30, new TrainingJobState.Completed(at(10), at(25))),
        new Case(
            downloading,
            Optional.empty(),
            5,
            new TrainingJobState.Failed(FailureReason.INSTANCES_GONE, Optional.empty(), at(5))),
        new Case(training, running, 69, "Rest"),
        new Case(
            training,
            running,
            70,
            new TrainingJobState.Stopping(Cause.MAX_RUNTIME, Optional.of(at(10)), at(70))),
        // It ended in time; the control plane looked late.
        new Case(training, exited, 500, new TrainingJobState.Completed(at(10), at(25))),
        new Case(
            training,
            group(member("algo-1", new Phase.Collecting(exit(0, 20)), 10, 20, -1)),
            22,
            uploading),
        new Case(uploading, exited, 30, new TrainingJobState.Completed(at(10), at(25))),
        new Case(
            stopRequested,
            running,
            16,
            new TrainingJobState.Stopping(Cause.USER, Optional.of(at(10)), at(15))),
        new Case(
            stopRequested,
            Optional.empty(),
            16,
            new TrainingJobState.Stopped(Cause.USER, Optional.of(at(10)), at(16))),
        new Case(stopping, running, 80, "Rest"),
        new Case(
            stopping,
            exited,
            80,
            new TrainingJobState.Stopped(Cause.MAX_RUNTIME, Optional.of(at(10)), at(25))),
        new Case(new TrainingJobState.Completed(at(10), at(25)), exited, 30, "Settle"),
        new Case(
            new TrainingJobState.Failed("why", Optional.empty(), at(25)), exited, 30, "Settle"),
        new Case(
            new TrainingJobState.Stopped(Cause.USER, Optional.empty(), at(25)),
            exited,
            30,
            "Settle"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decidesByStateObservationAndTime(Case given) {
    Object actual =
        switch (decide(given.state(), given.group(), given.now())) {
          case TrainingJobAction.Become become -> become.state();
          case TrainingJobAction.Stop stop -> stop.then().state();
          case TrainingJobAction.Rest _ -> "Rest";
          case TrainingJobAction.Reserve _ -> "Reserve";
          case TrainingJobAction.Start _ -> "Start";
          case TrainingJobAction.Settle _ -> "Settle";
        };
    assertThat(actual).isEqualTo(given.expected());
  }

  @Test
  void theFirstHostThatFailedIsTheReasonAndTheOthersAreStopped() {
    Optional<GroupObservation> seen =
        group(
            member("algo-1", new Phase.Running(), 10, -1, -1),
            member("algo-2", new Phase.Collecting(exit(2, 20)), 10, 20, -1));
    assertThat(decide(new TrainingJobState.Training(at(10)), seen, 21))
        .isEqualTo(
            new TrainingJobAction.Stop(
                Duration.ofMinutes(2),
                new TrainingJobAction.Become(
                    new TrainingJobState.Uploading(Optional.of(at(10)), at(20)),
                    List.of(TrainingJobDecider.transition(TrainingPhase.UPLOADING, at(20))))));
    Optional<GroupObservation> ended =
        group(
            member("algo-1", new Phase.Exited(exit(143, 22)), 10, 22, 23),
            member("algo-2", new Phase.Exited(exit(2, 20)), 10, 20, 24));
    assertThat(decide(new TrainingJobState.Uploading(Optional.of(at(10)), at(20)), ended, 30))
        .isInstanceOfSatisfying(
            TrainingJobAction.Become.class,
            become ->
                assertThat(become.state())
                    .isEqualTo(
                        new TrainingJobState.Failed(
                            "AlgorithmError: Exit Code: 2 (algo-2)", Optional.of(at(10)), at(24))));
  }

  @Test
  void aReasonThatStaysIsNotWrittenAgain() {
    TrainingJob pending = job(new TrainingJobState.Pending(at(0), "why"), 1);
    assertThat(TrainingJobDecider.reserved(pending, new Placement.Waiting("why"), at(9)))
        .isEqualTo(new TrainingJobAction.Rest());
    assertThat(TrainingJobDecider.reserved(pending, new Placement.Waiting("new"), at(9)))
        .isEqualTo(
            new TrainingJobAction.Become(
                new TrainingJobState.Pending(at(0), "new"),
                List.of(new Transition(TrainingPhase.PENDING, "new", at(9)))));
  }

  @Test
  void aReasonIsNeverLongerThanTheApiAdmits() {
    String text = "x".repeat(5000);
    for (Phase phase :
        List.of(
            new Phase.Exited(new Phase.Exit(1, true, Optional.of(text), T0)),
            new Phase.Exited(new Phase.Exit(1, true, Optional.empty(), T0)),
            new Phase.Broken(Phase.Step.STAGING, text, Optional.empty()),
            new Phase.Lost(text))) {
      for (List<String> tail :
          List.of(List.<String>of(), List.of("short"), List.of(text), List.of(text, "end"))) {
        String reason = FailureReason.of(member("algo-1", phase, 1, 2, 3), 2, tail);
        assertThat(reason).hasSizeLessThanOrEqualTo(1024).matches("(?s)[A-Za-z]+Error: .*");
      }
    }
    assertThat(
            FailureReason.of(
                member("algo-1", new Phase.Exited(exit(1, 0)), 1, 2, 3), 1, List.of(text, "end")))
        .isEqualTo("AlgorithmError: Exit Code: 1; last log lines:\nend");
    assertThat(
            FailureReason.of(
                member(
                    "algo-1",
                    new Phase.Exited(new Phase.Exit(1, false, Optional.of(text), T0)),
                    1,
                    2,
                    3),
                1,
                List.of()))
        .endsWith(", exit code: 1");
  }

  /** What happens to the members between two looks. */
  enum Event {
    STAGE,
    RUN,
    SUCCEED,
    FAIL,
    COLLECTED,
    BREAK,
    LOSE,
    VANISH,
    WAIT,
    WAIT_LONG,
    USER_STOPS
  }

  @Provide
  Arbitrary<List<Event>> histories() {
    return Arbitraries.of(Event.class).list().ofMinSize(1).ofMaxSize(40);
  }

  /** Every history ends, goes forward only, and what has ended stays as it is. */
  @Property(tries = 500)
  void everyHistoryEnds(
      @ForAll("histories") List<Event> events, @ForAll @IntRange(min = 1, max = 3) int hosts) {
    DeciderStory story = new DeciderStory(job(new TrainingJobState.Downloading(T0), hosts));
    for (Event event : events) {
      story.happens(event);
      story.look();
    }
    story.endsEverything();
    for (int i = 0; i < 5; i++) {
      story.look();
    }
    assertThat(story.job.state().terminal()).as("%s after %s", story.job.state(), events).isTrue();
    Set<TrainingPhase> seen = EnumSet.noneOf(TrainingPhase.class);
    List<TrainingPhase> phases = new ArrayList<>();
    Instant last = T0;
    for (Transition transition : story.transitions) {
      assertThat(seen.add(transition.phase())).as("twice in %s", story.transitions).isTrue();
      assertThat(transition.at()).isAfterOrEqualTo(last);
      last = transition.at();
      phases.add(transition.phase());
    }
    assertThat(phases).isSorted();
    TrainingJobState end = story.job.state();
    story.look();
    assertThat(story.job.state()).isEqualTo(end);
    assertThat(TrainingJobDecider.stopRequested(end, story.now)).isEmpty();
  }
}
