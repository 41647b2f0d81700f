package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.artifact.OutputFolder;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One member's program, from before its start until nothing of it is left. Called by the member's
 * own thread, except where it says otherwise. Every step may be taken again after a restart of the
 * control plane, and then goes on where it was.
 *
 * <pre>
 * prepare → place → start → awaitEnd → output, failure → clear
 * </pre>
 */
public interface InstanceProgram {
  /** How a program ended. */
  sealed interface End {
    /** It is known; the failure file has not been looked at. */
    record Known(int code, boolean outOfMemory, Instant at) implements End {}

    /** Nobody can tell, or the engine ended it; the phase, which is terminal, says why. */
    record Unknown(Phase phase) implements End {}
  }

  /**
   * Gets ready what does not depend on the inputs, such as the image. Ends early at an interrupt.
   *
   * @param progress told in words, often
   */
  void prepare(Consumer<String> progress) throws IOException, InterruptedException;

  /**
   * Puts all inputs where the program will find them. It may change its own view of them; the
   * folders given stay as they are. Ends early at an interrupt.
   */
  void place(List<StagedInput> inputs, Consumer<String> progress)
      throws IOException, InterruptedException;

  /**
   * Whether it was started before a restart of the control plane that came too early for the {@code
   * run} file. Then it is neither staged again nor ended as if it had not run: {@link #start} finds
   * it, or fails where it is gone.
   */
  default boolean hasBegun() throws IOException, InterruptedException {
    return false;
  }

  /**
   * Starts it; a second start of one member changes nothing. There is a {@code run} file in the
   * folder's state when it returns, whose time is when the program began.
   */
  void start() throws IOException, InterruptedException;

  /** Where its serving port can be reached, {@code host:port}, once it runs. From any thread. */
  Optional<String> address() throws IOException;

  /**
   * SIGTERM now, or as soon as it runs; SIGKILL at the deadline. From any thread, returns at once.
   */
  void stop(Instant deadline);

  /** Whether {@link #stop} was called. From any thread. */
  boolean isStopped();

  /** Waits for its end; nothing of the instance runs on then, and its log is complete. */
  End awaitEnd() throws IOException, InterruptedException;

  /**
   * A folder that the program has written to.
   *
   * @param path relative to {@code /opt/ml}
   */
  OutputFolder output(String path) throws IOException;

  /** The file's first 1,024 characters, when it is there. */
  Optional<String> failure(String path) throws IOException;

  /** What it uses now; empty when it does not run. From any thread. */
  Optional<Usage> usage() throws IOException;

  /**
   * Kills whatever is left of it, and gives everything but the folder back.
   *
   * @return whether all of it is gone
   */
  boolean clear() throws IOException, InterruptedException;
}
