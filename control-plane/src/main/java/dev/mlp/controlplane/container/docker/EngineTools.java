package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.model.Network;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all programs of one engine share. */
final class EngineTools {
  private static final Logger logger = LoggerFactory.getLogger(EngineTools.class);

  final EngineConnection connection;
  final EngineEvents events;
  final Labels labels;
  final Images images;
  final Networks networks;
  final Containers containers;
  final ContainerFiles files;
  final OverlayInputs overlays;
  final UsageReader usage;
  final Duration diskInterval;
  final Clock clock;
  private final DockerSettings settings;
  private volatile @Nullable EngineFacts facts;
  private volatile boolean overlaysRefused;

  EngineTools(
      EngineConnection connection,
      Labels labels,
      BuiltInImageBuilds builds,
      DockerSettings settings,
      Duration diskInterval,
      Clock clock) {
    this.connection = connection;
    this.events = new EngineEvents(connection, labels.mark());
    this.labels = labels;
    this.images = new Images(connection, builds, settings);
    this.networks = new Networks(connection, labels, clock);
    this.containers = new Containers(connection, settings, labels, clock);
    this.files = new ContainerFiles(connection);
    this.overlays = new OverlayInputs(connection, labels, clock);
    this.usage = new UsageReader(connection, clock);
    this.diskInterval = diskInterval;
    this.settings = settings;
    this.clock = clock;
  }

  /** Asked once; an engine that changes is another one, after a restart of the server. */
  EngineFacts facts() throws IOException {
    EngineFacts known = facts;
    if (known == null) {
      known = EngineFacts.ask(connection);
      facts = known;
    }
    return known;
  }

  /** Whether inputs go into containers without copying. */
  boolean mountsInputs() throws IOException {
    return settings.inputs() == DockerSettings.Inputs.AUTO
        && !overlaysRefused
        && facts().sharesFolders(connection);
  }

  /** This engine cannot mount them, whatever it looked like: another file system, an old kernel. */
  void refuseOverlays(IOException why) {
    overlaysRefused = true;
    logger.warn("the Docker engine cannot mount inputs, they are copied from now on", why);
  }

  /** When the engine began: it makes its default bridge anew each time. */
  Optional<Instant> engineStart() throws IOException {
    try {
      Network bridge =
          connection.call(docker -> docker.inspectNetworkCmd().withNetworkId("bridge").exec());
      return Optional.ofNullable(bridge.getCreated()).map(java.util.Date::toInstant);
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
