package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A job and its group through a history, with every decision taken as it comes. */
final class DeciderStory {
  TrainingJob job;
  Instant now;
  final List<Transition> transitions = new ArrayList<>();
  private final List<MemberObservation> members = new ArrayList<>();
  private boolean gone;
  private int turn;

  DeciderStory(TrainingJob job) {
    this.job = job;
    this.now = job.createdAt();
    for (String host : job.hosts()) {
      members.add(
          new MemberObservation(
              host,
              new Phase.Pending(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
  }

  void happens(TrainingJobDeciderTest.Event event) {
    now = now.plusSeconds(1);
    int index = turn++ % members.size();
    MemberObservation member = members.get(index);
    Phase phase = member.phase();
    boolean before = phase instanceof Phase.Pending || phase instanceof Phase.Staging;
    boolean runs = phase instanceof Phase.Running;
    switch (event) {
      case STAGE -> {
        if (before) {
          set(index, new Phase.Staging("on its way"));
        }
      }
      case RUN -> {
        if (before) {
          set(index, new Phase.Running());
        }
      }
      case SUCCEED -> exit(index, runs, 0);
      case FAIL -> exit(index, runs, 1);
      case COLLECTED -> {
        if (phase instanceof Phase.Collecting(Phase.Exit exit)) {
          set(index, new Phase.Exited(exit));
        }
      }
      case BREAK -> {
        if (before) {
          set(index, new Phase.Broken(Phase.Step.STAGING, "no such object", Optional.empty()));
        }
      }
      case LOSE -> {
        if (runs) {
          set(index, new Phase.Lost("killed"));
        }
      }
      case VANISH -> gone = turn % 5 == 0;
      case WAIT -> now = now.plusSeconds(10);
      case WAIT_LONG -> now = now.plus(Duration.ofMinutes(2));
      case USER_STOPS -> TrainingJobDecider.stopRequested(job.state(), now).ifPresent(this::become);
    }
  }

  private void exit(int index, boolean runs, int code) {
    if (runs) {
      set(index, new Phase.Collecting(new Phase.Exit(code, false, Optional.empty(), now)));
    }
  }

  /** What runs ends, as it does when it is told to or left alone for long. */
  void endsEverything() {
    now = now.plusSeconds(1);
    for (int i = 0; i < members.size(); i++) {
      if (!members.get(i).phase().terminal()) {
        set(
            i,
            new Phase.Exited(
                members.get(i).phase() instanceof Phase.Collecting(Phase.Exit exit)
                    ? exit
                    : new Phase.Exit(0, false, Optional.empty(), now)));
      }
    }
  }

  private void set(int index, Phase phase) {
    MemberObservation old = members.get(index);
    boolean runs = phase instanceof Phase.Running || phase instanceof Phase.Exited;
    boolean collecting = phase instanceof Phase.Collecting || phase instanceof Phase.Exited;
    members.set(
        index,
        new MemberObservation(
            old.hostName(),
            phase,
            old.stagingAt().or(() -> Optional.of(now)),
            old.runningAt().or(() -> runs ? Optional.of(now) : Optional.empty()),
            old.collectingAt().or(() -> collecting ? Optional.of(now) : Optional.empty()),
            phase.terminal() ? Optional.of(now) : Optional.empty(),
            Optional.empty()));
  }

  /** One look of the reconciler. */
  void look() {
    Optional<GroupObservation> group =
        gone
            ? Optional.empty()
            : Optional.of(
                new GroupObservation(
                    job.group(),
                    new Owner(job.key().tenant(), Owner.Kind.TRAINING_JOB, "job"),
                    members));
    switch (TrainingJobDecider.decide(job, group, List.of(), now)) {
      case TrainingJobAction.Become become -> become(become);
      case TrainingJobAction.Stop(Duration _, TrainingJobAction.Become then) -> become(then);
      case TrainingJobAction.Rest _, TrainingJobAction.Settle _ -> {}
      case TrainingJobAction.Reserve _, TrainingJobAction.Start _ ->
          throw new AssertionError("started twice: " + job);
    }
  }

  private void become(TrainingJobAction.Become become) {
    transitions.addAll(become.transitions());
    job =
        new TrainingJob(
            job.key(),
            job.group(),
            job.definition(),
            become.state(),
            job.version() + 1,
            job.createdAt());
  }
}
