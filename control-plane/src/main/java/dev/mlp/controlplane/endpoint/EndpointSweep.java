package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.InstanceCredentials;
import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes instance groups of endpoints that no row tracks: left by a database that was put back, or
 * taken away. A row is there before its group is started, so a group without one is nobody's; it is
 * removed when it has been so for a while all the same.
 */
public final class EndpointSweep {
  private static final Logger logger = LoggerFactory.getLogger(EndpointSweep.class);

  private final EndpointStore store;
  private final ContainerRuntime runtime;
  private final Capacity capacity;
  private final InstanceCredentials credentials;
  private final Duration grace;
  private final Object lock = new Object();
  private final Map<GroupId, Instant> untrackedSince = new HashMap<>();

  /**
   * @param grace for which a group must have been untracked
   */
  public EndpointSweep(
      EndpointStore store,
      ContainerRuntime runtime,
      Capacity capacity,
      InstanceCredentials credentials,
      Duration grace) {
    this.store = store;
    this.runtime = runtime;
    this.capacity = capacity;
    this.credentials = credentials;
    this.grace = grace;
  }

  /** The groups of all instances that have a row. */
  public Set<GroupId> tracked() {
    return store.groups();
  }

  /**
   * One round.
   *
   * @return the groups removed
   * @throws ContainerRuntimeException when the runtime cannot say what it holds
   */
  public List<GroupId> sweep(Instant now) throws ContainerRuntimeException {
    // In this order: a group that is seen had its row before.
    List<GroupObservation> held = runtime.observeAll();
    Set<GroupId> tracked = store.groups();
    Set<GroupId> untracked = new HashSet<>();
    for (GroupObservation group : held) {
      if (group.owner().kind() == Owner.Kind.ENDPOINT && !tracked.contains(group.id())) {
        untracked.add(group.id());
      }
    }
    List<GroupId> orphans;
    synchronized (lock) {
      untrackedSince.keySet().retainAll(untracked);
      untracked.forEach(group -> untrackedSince.putIfAbsent(group, now));
      orphans =
          untrackedSince.entrySet().stream()
              .filter(entry -> !now.isBefore(entry.getValue().plus(grace)))
              .map(Map.Entry::getKey)
              .toList();
    }
    List<GroupId> removed = new ArrayList<>();
    for (GroupId orphan : orphans) {
      try {
        runtime.remove(orphan);
        capacity.release(orphan);
        credentials.revoke(orphan.value());
        removed.add(orphan);
        logger.info("removed instance group {}: no endpoint has it", orphan);
      } catch (ContainerRuntimeException e) {
        logger.warn("cannot remove instance group {}; trying again at the next round", orphan, e);
      }
    }
    return removed;
  }
}
