package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import java.io.IOException;
import java.util.Set;

/** What runs the members' programs: as processes, in containers. Its methods may block. */
public interface Engine extends AutoCloseable {
  /** The runtime's name, as configuration and rows have it. */
  String name();

  /** As {@link dev.mlp.controlplane.container.ContainerRuntime#platformHost}. */
  String platformHost();

  /** What it can give. */
  RuntimeCapabilities capabilities();

  /** As {@link dev.mlp.controlplane.container.ContainerRuntime#checkImage}. */
  void checkImage(String image) throws ContainerRuntimeException;

  /**
   * Refuses what it can never give to a group: before anything of it is stored.
   *
   * @throws ContainerRuntimeException not retryable, naming the value
   */
  void check(InstanceGroupSpec spec) throws ContainerRuntimeException;

  /**
   * The member's program: not started yet, or found again. Does not wait for anything; a program
   * that was started has a {@code run} file in the folder's state.
   */
  InstanceProgram program(InstanceGroupSpec group, MemberSpec member, MemberFolder folder)
      throws IOException;

  /** Gives back what a group has as a whole, after the last of its members was cleared. */
  void clear(GroupId group) throws IOException, InterruptedException;

  /**
   * Removes what it finds of groups that are not among these: left by a data directory that was put
   * back or taken away. For a schedule; leaves alone what is not old enough to be sure of.
   */
  void sweep(Set<GroupId> known) throws IOException;

  /** Lets go; programs run on. */
  @Override
  void close();
}
