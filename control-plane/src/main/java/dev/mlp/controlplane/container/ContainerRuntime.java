package dev.mlp.controlplane.container;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What runs instance groups: local processes, Docker, Kubernetes.
 *
 * <p>A group lives on without the control plane: it is found again by {@link #observe} after a
 * restart, exit status included. Every method may block, may be called from any thread, and is
 * idempotent; for one group the caller makes no two calls at once. A runtime that starts up resumes
 * the staging and collecting that it had not finished.
 */
public interface ContainerRuntime extends AutoCloseable {
  /** As configuration and rows name it: {@code process}, {@code docker}. */
  String name();

  /**
   * The address of this machine as instances see it: for them, {@code 127.0.0.1} may be themselves.
   * Services that instances use have to listen there.
   */
  String platformHost();

  /** What it can give. */
  RuntimeCapabilities capabilities();

  /**
   * Refuses, before anything is stored, an image that it can never run.
   *
   * @throws ContainerRuntimeException not retryable, naming the image and what would run it
   */
  void checkImage(String image) throws ContainerRuntimeException;

  /**
   * Takes the group on and returns; staging and starting go on by themselves. A second start of the
   * same id changes nothing.
   *
   * @throws ContainerRuntimeException when it is not taken on; nothing is left behind
   */
  void start(InstanceGroupSpec spec) throws ContainerRuntimeException;

  /** The group as it is now; empty when it was never started, or was removed. */
  Optional<GroupObservation> observe(GroupId id) throws ContainerRuntimeException;

  /** Every group that this runtime holds, for sweeps. */
  List<GroupObservation> observeAll() throws ContainerRuntimeException;

  /**
   * What the group's running members use now, by host name; those that do not run are left out.
   * Quick enough to be asked every few seconds.
   */
  Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException;

  /**
   * Asks the programs to end: SIGTERM now, SIGKILL after the grace. Returns at once; outputs are
   * collected as after any exit. A group that is still staging ends without having run. Unknown and
   * ended groups are left as they are.
   */
  void stop(GroupId id, Duration grace) throws ContainerRuntimeException;

  /**
   * Kills what is left, and gives everything back: processes, folders, networks, ports. Logs stay.
   * Returns when it is done. Nothing happens for a group that it does not know.
   */
  void remove(GroupId id) throws ContainerRuntimeException;

  /**
   * Calls back, soon and from any thread, when a group may have changed; a hint, never a promise.
   */
  void onChange(Consumer<GroupId> listener);

  /** Lets go of the groups without ending them. */
  @Override
  void close();
}
