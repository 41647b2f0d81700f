package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.model.Network;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of a server.
 *
 * <pre>
 *                     not isolated                     isolated
 * one member          the shared network               none
 * one that serves     the shared network, published    the shared isolated network
 * several             a network of their own           an own network without a way out
 * </pre>
 *
 * In the shared ones nobody reaches another.
 */
final class Networks {
  private static final Logger logger = LoggerFactory.getLogger(Networks.class);
  private static final String ICC = "com.docker.network.bridge.enable_icc";

  /** The bridge has no address of its own: the machine cannot be reached through it. */
  private static final String NO_GATEWAY = "com.docker.network.bridge.inhibit_ipv4";

  private static final int REMOVE_ATTEMPTS = 50;
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Nobody answers there: names outside the group must not leak out through the engine. */
  private static final String NO_DNS = "127.0.0.1";

  /**
   * How one member is connected.
   *
   * @param mode the network's name, or {@code none}
   * @param published its serving port is published; otherwise it is reached at its own address
   */
  record Connection(
      String mode,
      List<String> aliases,
      List<String> extraHosts,
      List<String> dns,
      boolean published) {}

  private final EngineConnection connection;
  private final Labels labels;
  private final Clock clock;
  private final Semaphore creating = new Semaphore(1);

  Networks(EngineConnection connection, Labels labels, Clock clock) {
    this.connection = connection;
    this.labels = labels;
    this.clock = clock;
  }

  /** Makes the network that the member needs, unless it is there. */
  Connection connect(InstanceGroupSpec group, MemberSpec member) throws IOException {
    boolean serving = member.servingPort().isPresent();
    List<String> dns = group.networkIsolation() ? List.of(NO_DNS) : List.of();
    if (group.members().size() > 1) {
      String name = labels.network(group.id());
      boolean closed = group.networkIsolation() && !serving;
      ensure(
          name,
          group.networkIsolation(),
          closed ? Map.of(NO_GATEWAY, "true") : Map.of(),
          labels.ofGroup(group, clock.instant()));
      return new Connection(
          name, List.of(member.hostName()), List.of(), dns, serving && !group.networkIsolation());
    }
    if (!group.networkIsolation()) {
      return new Connection(shared(), List.of(), List.of(), dns, serving);
    }
    if (serving) {
      return new Connection(isolated(), List.of(), List.of(), dns, false);
    }
    // Without a network there is nobody else to name it.
    return new Connection(
        "none", List.of(), List.of(member.hostName() + ":127.0.0.1"), List.of(), false);
  }

  private String shared() throws IOException {
    return ensure(
        labels.sharedNetwork(), false, Map.of(ICC, "false"), labels.ofServer(clock.instant()));
  }

  private String isolated() throws IOException {
    return ensure(
        labels.isolatedNetwork(), true, Map.of(ICC, "false"), labels.ofServer(clock.instant()));
  }

  /** The machine's address on the shared network. */
  String gateway() throws IOException {
    String name = shared();
    Network network = find(name).getFirst();
    for (Network.Ipam.Config config : network.getIpam().getConfig()) {
      String gateway = config.getGateway();
      if (gateway != null) {
        return gateway;
      }
    }
    throw new IOException("The Docker network " + name + " has no gateway");
  }

  /** One at a time: an engine that is asked twice at once makes two of one name. */
  private String ensure(
      String name, boolean internal, Map<String, String> options, Map<String, String> marks)
      throws IOException {
    creating.acquireUninterruptibly();
    try {
      List<Network> found = find(name);
      if (found.isEmpty()) {
        connection.call(docker ->
            docker
                .createNetworkCmd()
                .withName(name)
                .withDriver("bridge")
                .withCheckDuplicate(true)
                .withInternal(internal)
                .withOptions(new HashMap<>(options))
                .withLabels(marks)
                .exec());
      }
      // A server that was killed while it asked, and the next one, which asked again.
      for (Network other : found.subList(Math.min(1, found.size()), found.size())) {
        connection.call(docker -> docker.removeNetworkCmd(other.getId()).exec());
      }
      return name;
    } finally {
      creating.release();
    }
  }

  /** All of this very name, the first one first. */
  private List<Network> find(String name) throws IOException {
    return connection
        .call(docker -> docker.listNetworksCmd().withFilter("label", List.of(labels.mark())).exec())
        .stream()
        .filter(network -> name.equals(network.getName()))
        .sorted(Comparator.comparing(Network::getCreated))
        .toList();
  }

  /** Removes the group's own network, where it has one. */
  void remove(GroupId group) throws IOException, InterruptedException {
    for (Network network : find(labels.network(group))) {
      remove(network);
    }
  }

  /** Gives back the shared ones that nobody uses; they are made again when they are needed. */
  void removeUnused() {
    for (String name : List.of(labels.sharedNetwork(), labels.isolatedNetwork())) {
      try {
        for (Network network : find(name)) {
          connection.call(docker -> docker.removeNetworkCmd(network.getId()).exec());
        }
      } catch (IOException e) {
        logger.debug("{} stays", name, e);
      }
    }
  }

  private void remove(Network network) throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        connection.call(docker -> docker.removeNetworkCmd(network.getId()).exec());
        return;
      } catch (EngineException e) {
        if (e.notFound()) {
          return;
        }
        // The engine lets go of a removed container's connections a little later.
        if (e.status() != EngineException.FORBIDDEN || i == REMOVE_ATTEMPTS) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }
}
