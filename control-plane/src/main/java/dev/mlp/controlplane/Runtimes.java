package dev.mlp.controlplane;

import com.github.dockerjava.api.DockerClient;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.RuntimeRouter;
import dev.mlp.controlplane.container.docker.DockerEngine;
import dev.mlp.controlplane.container.docker.DockerSettings;
import dev.mlp.controlplane.container.docker.EngineProbe;
import dev.mlp.controlplane.container.docker.image.ImageBuilds;
import dev.mlp.controlplane.container.local.Engine;
import dev.mlp.controlplane.container.local.LocalRuntime;
import dev.mlp.controlplane.container.process.ProcessEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs instances: one runtime for new ones, chosen at the start, and every other that still
 * holds some from before.
 */
final class Runtimes implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Runtimes.class);
  private static final Duration DISK_INTERVAL = Duration.ofSeconds(10);

  /**
   * Which runtime takes new instances, and why.
   *
   * @param reason for people
   */
  record Choice(boolean docker, String reason) {}

  private final Config config;
  private final DataDirectory directory;
  private final BuiltInImages images;
  private final StagingCache cache;
  private final Collecting collecting;
  private final Clock clock;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final List<LocalRuntime> local = new ArrayList<>();
  private @Nullable ContainerRuntime runtime;
  private String description = "";

  private Runtimes(
      Config config,
      DataDirectory directory,
      BuiltInImages images,
      StagingCache cache,
      Collecting collecting,
      Clock clock) {
    this.config = config;
    this.directory = directory;
    this.images = images;
    this.cache = cache;
    this.collecting = collecting;
    this.clock = clock;
  }

  /**
   * Chooses, and adopts what runs.
   *
   * @throws IOException also when the runtime that is asked for by name cannot be had
   */
  static Runtimes open(
      Config config,
      DataDirectory directory,
      BuiltInImages images,
      StagingCache cache,
      Collecting collecting,
      Clock clock)
      throws IOException {
    Runtimes runtimes = new Runtimes(config, directory, images, cache, collecting, clock);
    try {
      runtimes.start();
      return runtimes;
    } catch (IOException | RuntimeException e) {
      runtimes.close();
      throw e;
    }
  }

  private void start() throws IOException {
    DockerSettings settings = settings(config);
    Choice choice = choose(config.runtime(), settings);
    ProcessEngine processes =
        new ProcessEngine(
            directory.instances(),
            images,
            new ProcessEngine.Settings(config.instances().pids(), DISK_INTERVAL),
            clock);
    LocalRuntime process = own(directory.instances(), processes);
    if (choice.docker() || holdsGroups(directory.containers())) {
      LocalRuntime docker = own(directory.containers(), dockerEngine(settings));
      runtime =
          choice.docker()
              ? new RuntimeRouter(List.of(docker, process))
              : new RuntimeRouter(List.of(process, docker));
    } else {
      runtime = new RuntimeRouter(List.of(process));
    }
    Set<String> holders = new HashSet<>();
    for (LocalRuntime each : local) {
      holders.addAll(each.holders());
    }
    cache.retainHolders(holders);
    description =
        choice.docker()
            ? "docker: " + choice.reason()
            : "process: " + choice.reason() + "; " + processes.features();
  }

  private LocalRuntime own(Path folder, Engine engine) throws IOException {
    LocalRuntime opened = LocalRuntime.open(folder, engine, cache, collecting, clock);
    local.add(opened);
    parts.push(opened);
    return opened;
  }

  private DockerEngine dockerEngine(DockerSettings settings) throws IOException {
    DockerClient client = settings.client();
    parts.push(client);
    ImageBuilds builds = new ImageBuilds(client, images, config.home(), config.cacheDirectory());
    // What an image's tag is made of takes a second to read: not when the first job waits for it.
    var _ =
        Thread.ofVirtual()
            .name("image-tags")
            .start(() -> images.images().forEach(image -> builds.tagOf(image.name())));
    return DockerEngine.open(directory.containers(), directory.id(), settings, builds, clock);
  }

  /** Empty folders and those of a runtime's own do not count. */
  private static boolean holdsGroups(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.anyMatch(
          entry -> Files.isDirectory(entry) && !entry.getFileName().toString().startsWith("."));
    }
  }

  /** Visible for tests. */
  static Choice choose(Config.RuntimeChoice wanted, DockerSettings settings) throws IOException {
    if (wanted == Config.RuntimeChoice.PROCESS) {
      return new Choice(false, "as asked for");
    }
    return switch (DockerEngine.probe(settings)) {
      case EngineProbe.Answers(var version, var address) ->
          new Choice(true, "Docker " + version + " answers at " + address);
      case EngineProbe.Silent(var reason) -> {
        if (wanted == Config.RuntimeChoice.DOCKER) {
          throw new IOException("runtime docker: " + reason);
        }
        yield new Choice(false, "no Docker engine (" + reason + ")");
      }
    };
  }

  private static DockerSettings settings(Config config) {
    Config.Docker docker = config.docker();
    Map<String, DockerSettings.RegistryCredentials> credentials = new HashMap<>();
    docker
        .registries()
        .forEach((name, registry) ->
            credentials.put(
                name,
                new DockerSettings.RegistryCredentials(registry.username(), registry.password())));
    return new DockerSettings(
        docker.host(),
        docker.pull() ? DockerSettings.Pull.MISSING : DockerSettings.Pull.NEVER,
        credentials,
        docker.platformHost(),
        docker.publishAddress(),
        docker.copyInputs() ? DockerSettings.Inputs.COPIED : DockerSettings.Inputs.AUTO,
        docker.init(),
        config.instances().pids());
  }

  /** All of them as one. */
  ContainerRuntime runtime() {
    return Objects.requireNonNull(runtime);
  }

  /**
   * The addresses of this machine that instances use: new ones, and those that run from before on
   * another runtime, as far as the machine still has theirs.
   */
  List<String> instanceAddresses() throws IOException {
    List<String> others = new ArrayList<>();
    for (LocalRuntime other : local) {
      if (!other.name().equals(runtime().name()) && !other.observeAll().isEmpty()) {
        if (other.name().equals(DockerEngine.NAME)) {
          // Not asked: its engine does not answer, or nobody wants to know whether it does.
          DockerEngine.lastPlatformHost(directory.containers()).ifPresent(others::add);
        } else {
          others.add(other.platformHost());
        }
      }
    }
    return listenable(runtime().platformHost(), others);
  }

  /**
   * Visible for tests.
   *
   * @param host of new instances; a name, such as that of a virtual machine's host, leads to where
   *     the server listens anyway
   */
  static List<String> listenable(String host, List<String> others) {
    List<String> addresses = new ArrayList<>();
    if (literal(host).isPresent()) {
      addresses.add(host);
    }
    others.stream()
        .filter(other -> literal(other).filter(Runtimes::isOfThisMachine).isPresent())
        .forEach(addresses::add);
    return List.copyOf(addresses);
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      logger.warn("cannot tell whether this machine has the address {}", address, e);
      return false;
    }
  }

  /** Which one takes new instances, why, and what it bounds. */
  String description() {
    return description;
  }

  /** Removes what is left of groups that nobody knows, and copies that nobody needs. */
  void sweep() throws IOException {
    // First: an engine that is away ends the other sweep.
    cache.sweep();
    for (LocalRuntime each : local) {
      each.sweep();
    }
  }

  /** Ends and removes everything that runs: for a server that nobody comes back to. */
  void removeAll() {
    for (LocalRuntime each : local) {
      for (GroupObservation group : each.observeAll()) {
        try {
          each.remove(group.id());
        } catch (ContainerRuntimeException e) {
          logger.warn("cannot remove {}", group.id(), e);
        }
      }
    }
  }

  @Override
  public void close() {
    if (config.temporary()) {
      removeAll();
    }
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        logger.warn("a runtime did not close cleanly", e);
      }
    }
  }
}
