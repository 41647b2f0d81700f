package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Step;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's program below its shim: waited for, told to end, killed. It may be a child of this
 * process, or have been started by one before it: then its files alone tell how it goes.
 */
final class Program {
  private static final Logger logger = LoggerFactory.getLogger(Program.class);

  /** How often the exit file is looked for when nobody tells: the process is not our child. */
  private static final Duration ADOPTED_CHECK = Duration.ofMillis(50);

  /** Our own child's end is told by the kernel; this only makes up for what might get lost. */
  private static final Duration CHILD_CHECK = Duration.ofSeconds(1);

  private static final Duration LAUNCH_CHECK = Duration.ofMillis(2);

  /** How it ended. */
  sealed interface End {
    /** As the shim wrote down. */
    record Known(MemberFolder.Ended ended) implements End {}

    /** Nobody can tell; the phase, which is terminal, says why. */
    record Unknown(Phase phase) implements End {}
  }

  private final String name;
  private final MemberFolder folder;
  private final InstanceProcesses processes;
  private final Clock clock;
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile @Nullable Process child;
  private volatile @Nullable Instant stopDeadline;

  /**
   * @param name for the log
   */
  Program(String name, MemberFolder folder, InstanceProcesses processes, Clock clock) {
    this.name = name;
    this.folder = folder;
    this.processes = processes;
    this.clock = clock;
  }

  /** It has just been launched by this process. */
  void started(Process shim) {
    child = shim;
    var _ = shim.onExit().thenRun(wakeUps::release);
  }

  /** SIGTERM now, or as soon as it runs; SIGKILL at the deadline. From any thread. */
  void stop(Instant deadline) {
    stopDeadline = deadline;
    wakeUps.release();
  }

  boolean isStopped() {
    return stopDeadline != null;
  }

  /** Waits for its end; nothing of the instance runs on then. */
  End awaitEnd() throws IOException, InterruptedException {
    boolean terminated = false;
    boolean killed = false;
    while (true) {
      Optional<ShimIdentity> shim = folder.run();
      boolean alive = shim.isPresent() ? shim.get().isAlive() : isLaunching();
      // After the question whether it lives: the shim writes its last file before it ends.
      Optional<MemberFolder.Ended> ended = folder.exit();
      if (ended.isPresent()) {
        // What the program left running would write to the outputs while they are packed.
        var _ = processes.kill(shim, true);
        return new End.Known(ended.get());
      }
      if (!alive) {
        var _ = processes.kill(shim, false);
        return new End.Unknown(lost(shim));
      }
      Duration pause = pause(shim);
      Instant deadline = stopDeadline;
      if (deadline != null && shim.isPresent()) {
        if (!terminated) {
          terminated = true;
          var _ = ProcessHandle.of(shim.get().pid()).map(ProcessHandle::destroy);
        }
        Duration left = Duration.between(clock.instant(), deadline);
        if (left.isNegative() || left.isZero()) {
          if (!killed) {
            logger.info("{}: killed after its grace", name);
          }
          killed = true;
          var _ = processes.kill(shim, true);
          pause = LAUNCH_CHECK;
        } else if (left.compareTo(pause) < 0) {
          pause = left;
        }
      }
      if (wakeUps.tryAcquire(Math.max(1, pause.toMillis()), TimeUnit.MILLISECONDS)) {
        wakeUps.drainPermits();
      }
    }
  }

  private boolean isLaunching() throws IOException {
    Process shim = child;
    // After a restart there may be an empty file: the shim died while it wrote its first line.
    return shim != null && (shim.isAlive() || folder.run().isPresent());
  }

  private Duration pause(Optional<ShimIdentity> shim) {
    if (shim.isEmpty()) {
      return LAUNCH_CHECK;
    }
    Process mine = child;
    return mine != null && mine.pid() == shim.get().pid() ? CHILD_CHECK : ADOPTED_CHECK;
  }

  private static Phase lost(Optional<ShimIdentity> shim) {
    if (shim.isEmpty()) {
      return new Phase.Broken(
          Step.STARTING,
          "The program could not be started: its launcher ended before it ran.",
          Optional.empty());
    }
    return new Phase.Lost(
        shim.get().isOfThisBoot()
            ? "Its launcher, process %d, was killed from outside; how the program ended is unknown."
                .formatted(shim.get().pid())
            : "The machine was restarted while it ran.");
  }
}
