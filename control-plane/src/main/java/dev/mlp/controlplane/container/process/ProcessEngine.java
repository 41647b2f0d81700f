package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.local.Engine;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
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
 * of that needs the control plane, so instances live through its restart.
 *
 * <p>Where the machine lets it, an instance is in a control group, with limits of memory, CPU and
 * processes, and in a mount namespace, where its inputs are overlays and {@code /opt/ml} is its own
 * folder: {@link #features} says what there is. How much an instance writes is measured.
 *
 * <p>What it does not give: other images than the built-in ones, isolation of any kind, GPUs of its
 * own, host names of the group (members share the machine, and {@code algo-1} does not resolve), a
 * limit on the log's size; and, where there are no control groups, a process that has left its
 * session <em>and</em> cleaned its environment escapes {@link InstanceProgram#clear}.
 */
public final class ProcessEngine implements Engine {
  private static final Logger logger = LoggerFactory.getLogger(ProcessEngine.class);

  private final BuiltInImages images;
  private final Cgroups cgroups;
  private final MountNamespaces namespaces;
  private final DiskWatch disk;
  private final ProcessProgram.Tools tools;

  /**
   * Bounds of every instance that its resources say nothing of.
   *
   * @param maxProcesses that an instance may have at once, threads too
   * @param diskInterval between two looks at how much an instance has written: for as long it can
   *     be past its bound
   */
  public record Settings(int maxProcesses, Duration diskInterval) {
    /** 4,096 processes, and a look every 10 s. */
    public static final Settings STANDARD = new Settings(4096, Duration.ofSeconds(10));
  }

  /** With {@link Settings#STANDARD}. */
  public ProcessEngine(Path folder, BuiltInImages images, Clock clock) throws IOException {
    this(folder, images, Settings.STANDARD, clock);
  }

  /**
   * Finds out what this machine lets it do, and logs it.
   *
   * @param folder for the program that starts programs; made unless it is there
   */
  public ProcessEngine(Path folder, BuiltInImages images, Settings settings, Clock clock)
      throws IOException {
    this(
        images,
        settings,
        clock,
        Machine.of(Files.createDirectories(folder).toRealPath(), settings, clock));
    logger.info("process runtime: {}", features());
  }

  /** What the machine lets this program do. */
  record Machine(Path folder, Cgroups cgroups, MountNamespaces namespaces) {
    private static Machine of(Path folder, Settings settings, Clock clock) throws IOException {
      return new Machine(
          folder,
          Cgroups.open(folder, settings.maxProcesses(), clock),
          MountNamespaces.probe(folder));
    }
  }

  /** For tests of machines that let it do less. */
  ProcessEngine(BuiltInImages images, Settings settings, Clock clock, Machine machine)
      throws IOException {
    this.images = images;
    this.cgroups = machine.cgroups();
    this.namespaces = machine.namespaces();
    this.disk = new DiskWatch(settings.diskInterval());
    this.tools =
        new ProcessProgram.Tools(
            images,
            new Launcher(machine.folder(), namespaces),
            new Ports(),
            cgroups,
            namespaces,
            disk,
            clock);
  }

  /**
   * For people: what bounds instances, or why nothing does, such as {@code memory, CPU and process
   * limits by cgroup v1}.
   */
  public String limits() {
    return cgroups.limits();
  }

  /** For people: {@link #limits}, and how instances see their inputs and {@code /opt/ml}. */
  public String features() {
    return limits() + "; " + namespaces.description();
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public String platformHost() {
    return "127.0.0.1";
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
  public void check(InstanceGroupSpec spec) throws ContainerRuntimeException {
    if (spec.networkIsolation()) {
      throw refused(
          "Network isolation is not available on the process runtime, whose instances share the"
              + " machine's network; it needs Docker");
    }
    for (MemberSpec member : spec.members()) {
      checkImage(member.image());
      if (namespaces.showContainerFolder()) {
        continue;
      }
      for (String word :
          Stream.concat(member.entrypoint().stream(), member.arguments().stream()).toList()) {
        if (word.contains(MountNamespaces.CONTAINER_FOLDER.toString())) {
          throw refused(
              "\""
                  + word
                  + "\": the process runtime has no "
                  + MountNamespaces.CONTAINER_FOLDER
                  + " here; use the folder that SAGEMAKER_BASE_DIR names, or run it on Docker");
        }
      }
    }
  }

  @Override
  public InstanceProgram program(InstanceGroupSpec group, MemberSpec member, MemberFolder folder)
      throws IOException {
    return new ProcessProgram(group.id(), member, folder, tools);
  }

  @Override
  public void clear(GroupId group) {}

  @Override
  public void sweep(Set<GroupId> known) throws IOException {
    try {
      cgroups.sweep(known);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    disk.close();
    cgroups.close();
  }

  private static ContainerRuntimeException refused(String message) {
    return new ContainerRuntimeException(message, false);
  }
}
