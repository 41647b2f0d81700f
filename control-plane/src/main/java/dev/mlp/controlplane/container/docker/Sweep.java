package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;
import dev.mlp.controlplane.container.GroupId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what a server's labels are on, and no group of it owns. */
final class Sweep {
  private static final Logger logger = LoggerFactory.getLogger(Sweep.class);

  private final EngineConnection connection;
  private final Containers containers;
  private final Labels labels;
  private final Duration age;
  private final Clock clock;

  /**
   * @param age what is younger may belong to a group that is just being started
   */
  Sweep(
      EngineConnection connection,
      Containers containers,
      Labels labels,
      Duration age,
      Clock clock) {
    this.connection = connection;
    this.containers = containers;
    this.labels = labels;
    this.age = age;
    this.clock = clock;
  }

  void run(Set<GroupId> known) throws IOException {
    Instant now = clock.instant();
    for (Container container :
        connection.call(docker ->
            docker
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(labels.mark()))
                .exec())) {
      if (isOrphan(container.getLabels(), known, now)) {
        logger.warn("removing container {}: its group is not known", container.getNames()[0]);
        var _ = containers.remove(container.getId());
      }
    }
    for (InspectVolumeResponse volume :
        orEmpty(
            connection
                .call(docker ->
                    docker.listVolumesCmd().withFilter("label", List.of(labels.mark())).exec())
                .getVolumes())) {
      if (isOrphan(volume.getLabels(), known, now)) {
        remove(
            "volume " + volume.getName(),
            docker -> docker.removeVolumeCmd(volume.getName()).exec());
      }
    }
    for (Network network :
        connection.call(docker ->
            docker.listNetworksCmd().withFilter("label", List.of(labels.mark())).exec())) {
      if (isOrphan(network.getLabels(), known, now)) {
        remove(
            "network " + network.getName(),
            docker -> docker.removeNetworkCmd(network.getId()).exec());
      }
    }
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private boolean isOrphan(Map<String, String> marks, Set<GroupId> known, Instant now) {
    String group = Labels.group(marks);
    return group != null
        && known.stream().noneMatch(id -> id.value().equals(group))
        && Labels.isOlder(marks, age, now);
  }

  /** One that is still in use goes with the next sweep. */
  private void remove(String what, EngineConnection.Request<Void> request) throws IOException {
    logger.warn("removing {}: its group is not known", what);
    try {
      connection.call(request);
    } catch (EngineException e) {
      logger.warn("cannot remove {}: {}", what, e.getMessage());
    }
  }
}
