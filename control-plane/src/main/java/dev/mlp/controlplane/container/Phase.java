package dev.mlp.controlplane.container;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a member stands.
 *
 * <pre>
 * Pending → Staging → Running → Collecting → Exited
 *              └─────────┴──────────┴──────→ Broken
 *                        └───────────────→ Lost
 * </pre>
 */
public sealed interface Phase {
  /** Known to the runtime, nothing done yet. Left when staging begins. */
  record Pending() implements Phase {}

  /** Inputs are on their way (for images: being pulled). {@code progress} is for people. */
  record Staging(String progress) implements Phase {}

  /** The program runs. */
  record Running() implements Phase {}

  /** The program has exited; outputs are on their way to the store. */
  record Collecting(Exit exit) implements Phase {}

  /** The program has exited and its outputs are stored. Terminal. */
  record Exited(Exit exit) implements Phase {}

  /**
   * The runtime could not do its part. Terminal.
   *
   * @param step what it was doing
   * @param reason names the cause, for the failure reason
   * @param exit the program's own end, where it had come to one
   */
  record Broken(Step step, String reason, Optional<Exit> exit) implements Phase {}

  /** It ran, and nobody can say how it ended (machine rebooted, killed from outside). Terminal. */
  record Lost(String reason) implements Phase {}

  /** What the runtime itself does. */
  enum Step {
    STAGING,
    STARTING,
    /** It ended the program itself, because of a bound that the program went past. */
    RUNNING,
    COLLECTING
  }

  /**
   * How a program ended.
   *
   * @param code its exit code; 128 + n when signal n ended it
   * @param outOfMemory the kernel killed it, or one of its children, for memory
   * @param failure the failure file's text, where there was one
   */
  record Exit(int code, boolean outOfMemory, Optional<String> failure, Instant at) {}

  default boolean terminal() {
    return switch (this) {
      case Exited _, Broken _, Lost _ -> true;
      case Pending _, Staging _, Running _, Collecting _ -> false;
    };
  }
}
