package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a container stands.
 *
 * @param status {@code created}, {@code running}, {@code paused}, {@code removing}, {@code exited}
 *     …
 * @param startedAt by the engine's clock; empty before
 * @param finishedAt by the engine's clock; empty before
 * @param outOfMemory the kernel killed one of its processes for memory
 */
record ContainerState(
    String status,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    int exitCode,
    boolean outOfMemory) {
  static ContainerState of(InspectContainerResponse inspected) {
    InspectContainerResponse.ContainerState state = inspected.getState();
    Long code = state.getExitCodeLong();
    return new ContainerState(
        String.valueOf(state.getStatus()),
        time(state.getStartedAt()),
        time(state.getFinishedAt()),
        code == null ? 0 : code.intValue(),
        Boolean.TRUE.equals(state.getOOMKilled()));
  }

  boolean hasStarted() {
    return startedAt.isPresent();
  }

  boolean isPaused() {
    return status.equals("paused");
  }

  boolean hasEnded() {
    return hasStarted() && (status.equals("exited") || status.equals("dead"));
  }

  /** The engine writes the year 1 for never. */
  private static Optional<Instant> time(@Nullable String text) {
    return text == null || text.isEmpty() || text.startsWith("0001-")
        ? Optional.empty()
        : Optional.of(Instant.parse(text));
  }
}
