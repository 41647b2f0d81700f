package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** What an observation says about the group as a whole. */
record GroupProgress(GroupObservation group) {
  /** When the first program began. */
  Optional<Instant> startedAt() {
    return group.members().stream()
        .flatMap(member -> member.runningAt().stream())
        .min(Comparator.naturalOrder());
  }

  /** Whether the runtime is done with every host. */
  boolean ended() {
    return group.members().stream().allMatch(member -> member.phase().terminal());
  }

  /** When the runtime was done with the last host. */
  Optional<Instant> endedAt() {
    return group.members().stream()
        .flatMap(member -> member.endedAt().stream())
        .max(Comparator.naturalOrder());
  }

  /** Whether a program runs or is still to run. */
  boolean unfinished() {
    return group.members().stream()
        .anyMatch(member ->
            switch (member.phase()) {
              case Phase.Pending _, Phase.Staging _, Phase.Running _ -> true;
              case Phase.Collecting _, Phase.Exited _, Phase.Broken _, Phase.Lost _ -> false;
            });
  }

  /** When the last program exited, of those that did. */
  Optional<Instant> lastExitAt() {
    return group.members().stream()
        .flatMap(member -> member.collectingAt().or(member::endedAt).stream())
        .max(Comparator.naturalOrder());
  }

  /** The host that failed before all others: those may have failed because of it. */
  Optional<MemberObservation> firstFailure() {
    return group.members().stream()
        .filter(member -> failedAt(member).isPresent())
        .min(Comparator.comparing(member -> failedAt(member).orElse(Instant.MAX)));
  }

  /** When this host failed; empty while it has not. */
  static Optional<Instant> failedAt(MemberObservation member) {
    return switch (member.phase()) {
      case Phase.Pending _, Phase.Staging _, Phase.Running _ -> Optional.empty();
      case Phase.Collecting(Phase.Exit exit) -> failedAt(exit);
      case Phase.Exited(Phase.Exit exit) -> failedAt(exit);
      case Phase.Broken(_, _, Optional<Phase.Exit> exit) ->
          Stream.concat(
                  exit.flatMap(GroupProgress::failedAt).stream(),
                  Stream.of(member.endedAt().orElse(Instant.MAX)))
              .findFirst();
      case Phase.Lost _ -> Optional.of(member.endedAt().orElse(Instant.MAX));
    };
  }

  private static Optional<Instant> failedAt(Phase.Exit exit) {
    return exit.code() == 0 ? Optional.empty() : Optional.of(exit.at());
  }
}
