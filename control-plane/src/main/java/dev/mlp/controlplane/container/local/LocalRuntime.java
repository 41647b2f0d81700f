package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A runtime whose instances have their folders on this machine; an {@link Engine} runs the
 * programs. Every group's folder has all that is needed to go on after a restart of the control
 * plane: the next runtime on the same folder adopts it.
 */
public final class LocalRuntime implements ContainerRuntime {
  private static final Logger logger = LoggerFactory.getLogger(LocalRuntime.class);
  private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");
  private static final String CONTAINER_FOLDER = "/opt/ml";

  /** Groups that are not yet, or no longer, there: names that no group has. */
  private static final String UNFINISHED = ".";

  private final Path root;
  private final Engine engine;
  private final Clock clock;
  private final LocalMember.Tools tools;
  private final Map<String, LocalGroup> groups = new ConcurrentSkipListMap<>();
  private final List<Consumer<GroupId>> listeners = new CopyOnWriteArrayList<>();

  private LocalRuntime(Path root, LocalMember.Tools tools) {
    this.root = root;
    this.engine = tools.engine();
    this.clock = tools.clock();
    this.tools = tools;
  }

  /**
   * Opens the folder, and adopts every group in it.
   *
   * @param root made unless it is there; for one runtime at a time
   * @param cache also used by other runtimes
   */
  public static LocalRuntime open(
      Path root, Engine engine, StagingCache cache, Collecting collecting, Clock clock)
      throws IOException {
    Path folder = Files.createDirectories(root).toRealPath();
    LocalRuntime runtime =
        new LocalRuntime(folder, new LocalMember.Tools(engine, cache, collecting, clock));
    runtime.adopt();
    return runtime;
  }

  private void adopt() throws IOException {
    List<Path> folders;
    try (Stream<Path> entries = Files.list(root)) {
      folders = entries.filter(Files::isDirectory).toList();
    }
    for (Path folder : folders) {
      String name = folder.getFileName().toString();
      try {
        if (name.startsWith(UNFINISHED)) {
          Folders.delete(folder);
        } else {
          groups.put(name, load(folder));
        }
      } catch (IOException | RuntimeException e) {
        // One damaged group must not keep the others from being looked after.
        logger.error("cannot adopt or clear away {}; it is left as it is", folder, e);
      }
    }
    // When all are known: their ports are taken.
    groups.values().forEach(LocalGroup::begin);
  }

  private LocalGroup load(Path folder) throws IOException {
    GroupId id = new GroupId(folder.getFileName().toString());
    return LocalGroup.load(folder, tools, () -> changed(id));
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public String platformHost() {
    return engine.platformHost();
  }

  @Override
  public RuntimeCapabilities capabilities() {
    return engine.capabilities();
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    engine.checkImage(image);
  }

  @Override
  public void start(InstanceGroupSpec spec) throws ContainerRuntimeException {
    if (groups.containsKey(spec.id().value())) {
      return;
    }
    check(spec);
    Path folder = root.resolve(spec.id().value());
    Path unfinished = root.resolve(UNFINISHED + "new-" + spec.id());
    try {
      Folders.delete(unfinished);
      LocalGroup.write(spec, unfinished);
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
      LocalGroup group = load(folder);
      groups.put(spec.id().value(), group);
      group.begin();
    } catch (IOException e) {
      throw failed("cannot start " + spec.id(), e);
    }
    changed(spec.id());
  }

  private void check(InstanceGroupSpec spec) throws ContainerRuntimeException {
    Set<String> hosts = new HashSet<>();
    for (MemberSpec member : spec.members()) {
      if (!HOST_NAME.matcher(member.hostName()).matches() || !hosts.add(member.hostName())) {
        throw refused("Host name \"" + member.hostName() + "\": expected a unique host name");
      }
      Set<String> inputs = new HashSet<>();
      for (var input : member.inputs()) {
        checkPath(input.path());
        if (!inputs.add(Path.of(input.path()).normalize().toString())) {
          throw refused("Two inputs have the path \"" + input.path() + "\"");
        }
      }
      for (String file : member.files().keySet()) {
        checkPath(file);
      }
      for (var output : member.outputs()) {
        checkPath(output.path());
      }
      checkPath(member.failureFile());
    }
    engine.check(spec);
  }

  private static void checkPath(String path) throws ContainerRuntimeException {
    Path normal = Path.of(path).normalize();
    if (normal.isAbsolute() || normal.toString().isEmpty() || normal.startsWith("..")) {
      throw refused("Path \"" + path + "\": expected one below " + CONTAINER_FOLDER);
    }
  }

  @Override
  public Optional<GroupObservation> observe(GroupId id) {
    return Optional.ofNullable(groups.get(id.value())).map(LocalGroup::observe);
  }

  @Override
  public List<GroupObservation> observeAll() {
    return groups.values().stream().map(LocalGroup::observe).toList();
  }

  @Override
  public Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException {
    LocalGroup group = groups.get(id.value());
    try {
      return group == null ? Map.of() : group.usage();
    } catch (IOException e) {
      throw failed("cannot tell what " + id + " uses", e);
    }
  }

  @Override
  public void stop(GroupId id, Duration grace) throws ContainerRuntimeException {
    LocalGroup group = groups.get(id.value());
    if (group == null) {
      return;
    }
    try {
      group.stop(clock.instant().plus(grace));
    } catch (IOException e) {
      throw failed("cannot stop " + id, e);
    }
  }

  @Override
  public void remove(GroupId id) throws ContainerRuntimeException {
    LocalGroup group = groups.get(id.value());
    if (group == null) {
      return;
    }
    try {
      if (!group.clear()) {
        throw new ContainerRuntimeException("programs of " + id + " do not end", true);
      }
      engine.clear(id);
      // In one step: half a folder must not be adopted.
      Path removed = root.resolve(UNFINISHED + "removed-" + UUID.randomUUID());
      if (Files.exists(group.folder())) {
        Files.move(group.folder(), removed, StandardCopyOption.ATOMIC_MOVE);
      }
      groups.remove(id.value());
      Folders.delete(removed);
    } catch (IOException e) {
      throw failed("cannot remove " + id, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ContainerRuntimeException("interrupted while removing " + id, true, e);
    }
    changed(id);
  }

  /**
   * Who of this runtime may hold something in the staging cache: every member that has a folder,
   * also of a group that could not be adopted, whose programs may still run.
   */
  public Set<String> holders() throws IOException {
    Set<String> holders = new HashSet<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path group : folders) {
        if (group.getFileName().toString().startsWith(UNFINISHED)) {
          continue;
        }
        try (DirectoryStream<Path> hosts = Files.newDirectoryStream(group, Files::isDirectory)) {
          hosts.forEach(
              host -> holders.add(LocalMember.name(group.getFileName(), host.getFileName())));
        }
      }
    }
    return holders;
  }

  /**
   * Removes what the engine still has of groups that this runtime does not know; for a schedule.
   */
  public void sweep() throws IOException {
    Set<GroupId> known = new HashSet<>();
    groups.keySet().forEach(name -> known.add(new GroupId(name)));
    // Those too that could not be adopted: their folders, and so what they run, are left alone.
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path folder : folders) {
        GroupId.parse(folder.getFileName().toString()).ifPresent(known::add);
      }
    }
    engine.sweep(known);
  }

  @Override
  public void onChange(Consumer<GroupId> listener) {
    listeners.add(listener);
  }

  private void changed(GroupId id) {
    for (Consumer<GroupId> listener : listeners) {
      try {
        listener.accept(id);
      } catch (RuntimeException e) {
        logger.warn("a listener failed for {}", id, e);
      }
    }
  }

  @Override
  public void close() {
    listeners.clear();
    try {
      for (LocalGroup group : groups.values()) {
        group.letGo();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    engine.close();
  }

  private static ContainerRuntimeException refused(String message) {
    return new ContainerRuntimeException(message, false);
  }

  private static ContainerRuntimeException failed(String what, IOException e) {
    return new ContainerRuntimeException(what + ": " + e.getMessage(), true, e);
  }
}
