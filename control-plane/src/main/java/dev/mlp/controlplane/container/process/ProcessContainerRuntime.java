package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.artifact.Staging;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import java.io.IOException;
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
 * Runs every instance as a process tree of this machine, under this process's own user: for code
 * that is trusted. Linux only.
 *
 * <p>Each instance has a folder in place of {@code /opt/ml}, named by {@code SAGEMAKER_BASE_DIR}, a
 * session of its own, a clean environment and, to serve, a port of 127.0.0.1. Its output goes
 * straight to its log file, and a small shell program beside it writes down how it ended: nothing
 * of that needs the control plane, so instances live through its restart and are adopted by the
 * next runtime on the same folder.
 *
 * <p>What it does not give: other images than the built-in ones, isolation of any kind, GPUs of its
 * own, host names of the group (members share the machine, and {@code algo-1} does not resolve), a
 * limit on memory, CPU or the log's size; and a process that has left its session <em>and</em>
 * cleaned its environment escapes {@link #remove}.
 */
public final class ProcessContainerRuntime implements ContainerRuntime {
  private static final Logger logger = LoggerFactory.getLogger(ProcessContainerRuntime.class);
  private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");
  private static final String CONTAINER_FOLDER = "/opt/ml";

  /** Groups that are not yet, or no longer, there: names that no group has. */
  private static final String UNFINISHED = ".";

  private final Path root;
  private final BuiltInImages images;
  private final Clock clock;
  private final ProcessMember.Tools tools;
  private final Map<String, ProcessGroup> groups = new ConcurrentSkipListMap<>();
  private final List<Consumer<GroupId>> listeners = new CopyOnWriteArrayList<>();

  private ProcessContainerRuntime(
      Path root, BuiltInImages images, Clock clock, ProcessMember.Tools tools) {
    this.root = root;
    this.images = images;
    this.clock = clock;
    this.tools = tools;
  }

  /**
   * Opens the folder, and adopts every group in it.
   *
   * @param root made unless it is there; for one runtime at a time
   * @param parallelDownloads objects staged at once, over all instances
   */
  public static ProcessContainerRuntime open(
      Path root, BuiltInImages images, ArtifactStore store, int parallelDownloads, Clock clock)
      throws IOException {
    Path folder = Files.createDirectories(root).toRealPath();
    ProcessContainerRuntime runtime =
        new ProcessContainerRuntime(
            folder,
            images,
            clock,
            new ProcessMember.Tools(
                new Staging(store, parallelDownloads),
                new Collecting(store),
                new Launcher(folder),
                new Ports(),
                clock));
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
    groups.values().forEach(ProcessGroup::begin);
  }

  private ProcessGroup load(Path folder) throws IOException {
    GroupId id = new GroupId(folder.getFileName().toString());
    return ProcessGroup.load(folder, images, tools, () -> changed(id));
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public RuntimeCapabilities capabilities() {
    return new RuntimeCapabilities(false, false, false);
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    if (images.find(image).isEmpty()) {
      throw refused(
          "Image \""
              + image
              + "\" cannot run on the process runtime, which runs the built-in images "
              + images.names()
              + " (or an alias of one); any other image needs Docker");
    }
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
      ProcessGroup.write(spec, unfinished);
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
      ProcessGroup group = load(folder);
      groups.put(spec.id().value(), group);
      group.begin();
    } catch (IOException e) {
      throw failed("cannot start " + spec.id(), e);
    }
    changed(spec.id());
  }

  private void check(InstanceGroupSpec spec) throws ContainerRuntimeException {
    if (spec.networkIsolation()) {
      throw refused(
          "Network isolation is not available on the process runtime, whose instances share the"
              + " machine's network; it needs Docker");
    }
    Set<String> hosts = new HashSet<>();
    for (MemberSpec member : spec.members()) {
      checkImage(member.image());
      if (!HOST_NAME.matcher(member.hostName()).matches() || !hosts.add(member.hostName())) {
        throw refused("Host name \"" + member.hostName() + "\": expected a unique host name");
      }
      for (String word :
          Stream.concat(member.entrypoint().stream(), member.arguments().stream()).toList()) {
        if (word.contains(CONTAINER_FOLDER)) {
          throw refused(
              "\""
                  + word
                  + "\": the process runtime has no "
                  + CONTAINER_FOLDER
                  + "; use the folder that SAGEMAKER_BASE_DIR names, or run it on Docker");
        }
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
  }

  private static void checkPath(String path) throws ContainerRuntimeException {
    Path normal = Path.of(path).normalize();
    if (normal.isAbsolute() || normal.toString().isEmpty() || normal.startsWith("..")) {
      throw refused("Path \"" + path + "\": expected one below " + CONTAINER_FOLDER);
    }
  }

  @Override
  public Optional<GroupObservation> observe(GroupId id) {
    return Optional.ofNullable(groups.get(id.value())).map(ProcessGroup::observe);
  }

  @Override
  public List<GroupObservation> observeAll() {
    return groups.values().stream().map(ProcessGroup::observe).toList();
  }

  @Override
  public void stop(GroupId id, Duration grace) throws ContainerRuntimeException {
    ProcessGroup group = groups.get(id.value());
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
    ProcessGroup group = groups.get(id.value());
    if (group == null) {
      return;
    }
    try {
      if (!group.clear()) {
        throw new ContainerRuntimeException("processes of " + id + " do not end", true);
      }
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
      for (ProcessGroup group : groups.values()) {
        group.letGo();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ContainerRuntimeException refused(String message) {
    return new ContainerRuntimeException(message, false);
  }

  private static ContainerRuntimeException failed(String what, IOException e) {
    return new ContainerRuntimeException(what + ": " + e.getMessage(), true, e);
  }
}
