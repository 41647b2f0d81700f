package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of one instance: those of its control group, where it has one; those of its
 * session; and those that have left it (daemons), known by the variables that they were started
 * with.
 *
 * @param marks {@code NAME=value}, all of them together unique to the instance on this machine;
 *     none where only the control group tells
 */
record InstanceProcesses(List<String> marks, Optional<InstanceCgroup> cgroup) {
  private static final Logger logger = LoggerFactory.getLogger(InstanceProcesses.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(5);

  /**
   * Kills them and waits until they are gone; new ones that they start meanwhile too.
   *
   * @param shim the session's leader, where it is known
   * @param spareShim leave the leader alone, so that it can tell how the program ended
   * @return whether all are gone
   */
  boolean kill(Optional<ShimIdentity> shim, boolean spareShim)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean bounded = false;
    while (true) {
      List<ProcessTable.Entry> left =
          find(shim).stream()
              .filter(entry -> !spareShim || shim.isEmpty() || entry.pid() != shim.get().pid())
              .toList();
      if (left.isEmpty()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        logger.warn("processes of {} {} do not end: {}", marks, cgroup, left);
        return false;
      }
      if (!bounded && cgroup.isPresent()) {
        // Else a program that starts processes faster than they are killed would live on. The shim
        // starts none any more.
        cgroup.get().forbidNewProcesses();
        bounded = true;
      }
      for (ProcessTable.Entry entry : left) {
        var _ = ProcessHandle.of(entry.pid()).map(ProcessHandle::destroyForcibly);
      }
      Thread.sleep(PAUSE);
    }
  }

  List<ProcessTable.Entry> find(Optional<ShimIdentity> shim) throws IOException {
    Optional<Long> session = shim.filter(this::stillNamesItsSession).map(ShimIdentity::pid);
    Set<Long> inside = cgroup.isPresent() ? cgroup.get().processes() : Set.of();
    return ProcessTable.find(entry ->
        inside.contains(entry.pid())
            || (session.isPresent() && entry.session() == session.get())
            || (!marks.isEmpty() && entry.startedWith(marks)));
  }

  /** The number may be somebody else's by now; it is not while one of the session lives. */
  private boolean stillNamesItsSession(ShimIdentity shim) {
    return shim.isOfThisBoot()
        && ProcessTable.read(shim.pid())
            .map(leader -> leader.startTime() == shim.startTime())
            .orElse(true);
  }
}
