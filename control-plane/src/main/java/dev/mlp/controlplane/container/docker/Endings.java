package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.local.InstanceProgram.End;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a container's last state says about how its program ended. */
final class Endings {
  static final String REMOVED = "The container was removed from outside while it ran.";
  static final String ENGINE_STOPPED = "The Docker engine was stopped or restarted while it ran.";

  /** SIGKILL, SIGTERM, and what an engine writes down for what was gone when it came back. */
  private static final Set<Integer> CODES_OF_A_SHUTDOWN = Set.of(137, 143, 255);

  /** An engine that shuts down ends its containers within 10 to 15 seconds. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(60);

  private static final Duration SLACK = Duration.ofSeconds(10);

  private Endings() {}

  /**
   * @param state of a container that has ended
   * @param stopped the program was to end
   * @param engineStart when the engine's process began, where that can be told
   * @param absence when the engine was last seen to be away
   */
  static End judge(
      ContainerState state,
      boolean stopped,
      Optional<Instant> engineStart,
      Optional<EngineConnection.Absence> absence,
      Instant now) {
    boolean engine = !stopped && isForced(state) && endedWithTheEngine(state, engineStart, absence);
    return engine
        ? new End.Unknown(new Phase.Lost(ENGINE_STOPPED))
        : new End.Known(state.exitCode(), state.outOfMemory(), state.finishedAt().orElse(now));
  }

  static String killed(ContainerState state) {
    return "The container was stopped from outside while it ran (Exit Code: %d)."
        .formatted(state.exitCode());
  }

  /** Whether it looks as if somebody else had ended it. */
  static boolean isForced(ContainerState state) {
    return !state.outOfMemory() && CODES_OF_A_SHUTDOWN.contains(state.exitCode());
  }

  private static boolean endedWithTheEngine(
      ContainerState state,
      Optional<Instant> engineStart,
      Optional<EngineConnection.Absence> absence) {
    if (state.startedAt().isEmpty() || state.finishedAt().isEmpty()) {
      return false;
    }
    Instant started = state.startedAt().get();
    Instant finished = state.finishedAt().get();
    if (engineStart.isPresent() && !started.isBefore(engineStart.get())) {
      return false;
    }
    boolean atItsStart =
        engineStart.isPresent()
            && within(
                finished, engineStart.get().minus(SHUTDOWN), engineStart.get().plus(SHUTDOWN));
    boolean inItsAbsence =
        absence.isPresent()
            && within(finished, absence.get().from().minus(SLACK), absence.get().to().plus(SLACK));
    return atItsStart || inItsAbsence;
  }

  private static boolean within(Instant time, Instant from, Instant to) {
    return !time.isBefore(from) && !time.isAfter(to);
  }
}
