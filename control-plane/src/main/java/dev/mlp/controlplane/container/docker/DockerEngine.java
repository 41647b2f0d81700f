package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.local.Engine;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every instance in a container of a Docker engine, on this machine or another.
 *
 * <p>{@code /opt/ml} is in the container's own layer: an image's own files there stay,
 * configuration and outputs go in and out through the engine, and only inputs are mounted, where
 * that can be. Containers may do little ({@link Containers}), reach no other instance ({@link
 * Networks}), and live on without this server. While the engine is away everything waits for it.
 */
public final class DockerEngine implements Engine {
  private static final Logger logger = LoggerFactory.getLogger(DockerEngine.class);
  private static final Duration DISK_INTERVAL = Duration.ofSeconds(10);
  private static final Duration ORPHAN_AGE = Duration.ofMinutes(2);
  private static final String PLATFORM_HOST = "platform-host";

  /** The runtime's name. */
  public static final String NAME = "docker";

  private final EngineConnection connection;
  private final EngineTools tools;
  private final PlatformHost platformHost;
  private final Images images;
  private final DockerSettings settings;
  private final Sweep sweep;
  private final Set<GroupId> groups = ConcurrentHashMap.newKeySet();

  private DockerEngine(
      Path folder,
      DockerSettings settings,
      EngineConnection connection,
      EngineTools tools,
      Duration orphanAge) {
    this.connection = connection;
    this.settings = settings;
    this.tools = tools;
    this.images = tools.images;
    this.platformHost = new PlatformHost(folder.resolve(PLATFORM_HOST), settings, tools);
    this.sweep = new Sweep(connection, tools.containers, tools.labels, orphanAge, tools.clock);
  }

  /**
   * Opens it, whether or not the engine answers.
   *
   * @param folder for what has to be known while the engine is away
   * @param server of this data directory: tells what belongs to it from all else on the engine; at
   *     most 64 letters, digits, dots and dashes
   */
  public static DockerEngine open(
      Path folder, String server, DockerSettings settings, BuiltInImageBuilds builds, Clock clock)
      throws IOException {
    return open(folder, server, settings, builds, DISK_INTERVAL, ORPHAN_AGE, clock);
  }

  /** The same with other intervals, for tests. */
  static DockerEngine open(
      Path folder,
      String server,
      DockerSettings settings,
      BuiltInImageBuilds builds,
      Duration diskInterval,
      Duration orphanAge,
      Clock clock)
      throws IOException {
    EngineConnection connection = new EngineConnection(settings.clientConfig(), clock);
    EngineTools tools =
        new EngineTools(connection, new Labels(server), builds, settings, diskInterval, clock);
    DockerEngine engine =
        new DockerEngine(Files.createDirectories(folder), settings, connection, tools, orphanAge);
    tools.events.start();
    return engine;
  }

  /** What {@link #platformHost} was when an engine last answered; asks nobody. */
  public static Optional<String> lastPlatformHost(Path folder) throws IOException {
    Path file = folder.resolve(PLATFORM_HOST);
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  /** Answers within two seconds. */
  public static EngineProbe probe(DockerSettings settings) {
    return Prober.probe(settings);
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException when the engine never answered yet, and still does not
   */
  @Override
  public String platformHost() {
    try {
      return platformHost.find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RuntimeCapabilities capabilities() {
    boolean gpus = false;
    try {
      gpus = tools.facts().gpus();
    } catch (IOException e) {
      logger.debug("no GPUs for as long as the engine is away", e);
    }
    return new RuntimeCapabilities(true, true, gpus);
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    images.check(image);
  }

  @Override
  public void check(InstanceGroupSpec spec) throws ContainerRuntimeException {
    for (MemberSpec member : spec.members()) {
      checkImage(member.image());
      if (member.servingPort().isPresent() && !connection.isLocal()) {
        if (settings.publishAddress().isEmpty()) {
          throw new ContainerRuntimeException(
              "An instance on the Docker engine at "
                  + connection.address()
                  + " cannot be reached from here: configure the address that its ports are"
                  + " published on",
              false);
        }
        if (spec.networkIsolation()) {
          throw new ContainerRuntimeException(
              "An isolated instance that serves needs a Docker engine on this machine", false);
        }
      }
    }
  }

  @Override
  public InstanceProgram program(InstanceGroupSpec group, MemberSpec member, MemberFolder folder) {
    groups.add(group.id());
    return new DockerProgram(group, member, folder, tools);
  }

  @Override
  public void clear(GroupId group) throws IOException, InterruptedException {
    tools.networks.remove(group);
    groups.remove(group);
  }

  @Override
  public void sweep(Set<GroupId> known) throws IOException {
    sweep.run(known);
  }

  @Override
  public void close() {
    tools.events.close();
    // Instances that are still to start were told this machine's address on it.
    if (groups.isEmpty() && !connection.isAway()) {
      tools.networks.removeUnused();
    }
    connection.close();
  }
}
