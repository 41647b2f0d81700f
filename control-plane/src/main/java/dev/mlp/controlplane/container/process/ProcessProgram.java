package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.OutputFolder;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Step;
import dev.mlp.controlplane.container.Usage;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import dev.mlp.controlplane.container.local.StagedInput;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's program below its shim: waited for, told to end, killed. It may be a child of this
 * process, or have been started by one before it: then its files alone tell how it goes.
 *
 * <pre>
 * state/cgroups       the control groups that it is started in
 * state/mounts        what it is to see, see {@link InputPlacement}
 * state/run           by the shim: its pid, start time, boot id
 * state/refused       by the shim: why it could not start the program
 * state/mount-errors  by the shim: what the mount program said
 * state/exit.CODE     by the shim: empty; its time is when the program ended
 * </pre>
 */
final class ProcessProgram implements InstanceProgram {
  private static final Logger logger = LoggerFactory.getLogger(ProcessProgram.class);

  /** How often the exit file is looked for when nobody tells: the process is not our child. */
  private static final Duration ADOPTED_CHECK = Duration.ofMillis(50);

  /** Our own child's end is told by the kernel; this only makes up for what might get lost. */
  private static final Duration CHILD_CHECK = Duration.ofSeconds(1);

  private static final Duration LAUNCH_CHECK = Duration.ofMillis(2);

  private static final String EXIT = "exit.";
  private static final String CGROUPS = "cgroups";

  /** The exit code of a program that SIGKILL ended. */
  private static final int KILLED = 137;

  /** What all programs of a runtime share. */
  record Tools(
      BuiltInImages images,
      Launcher launcher,
      Ports ports,
      Cgroups cgroups,
      MountNamespaces namespaces,
      DiskWatch disk,
      Clock clock) {}

  private final GroupId group;
  private final MemberSpec spec;
  private final MemberFolder folder;
  private final Tools tools;
  private final VolumeBound volume;
  private final UsageMeter meter = new UsageMeter();
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile @Nullable Process child;
  private volatile @Nullable Instant stopDeadline;

  ProcessProgram(GroupId group, MemberSpec spec, MemberFolder folder, Tools tools)
      throws IOException {
    this.group = group;
    this.spec = spec;
    this.folder = folder;
    this.tools = tools;
    this.volume = new VolumeBound(folder, spec.resources().volumeBytes(), wakeUps::release);
    OptionalInt port = folder.port();
    if (port.isPresent()) {
      tools.ports().retake(port.getAsInt());
    }
  }

  @Override
  public void prepare(Consumer<String> progress) {}

  @Override
  public void place(List<StagedInput> inputs, Consumer<String> progress)
      throws IOException, InterruptedException {
    if (folder.isMarked("placed")) {
      return;
    }
    if (new InputPlacement(spec, folder, tools.namespaces()).place(inputs, progress)) {
      volume.excludeWhatIsThere();
    }
    folder.mark("placed");
  }

  @Override
  public void start() throws IOException {
    // Asked only now: an instance that runs is looked after though its image's alias is gone.
    BuiltInImage image =
        tools
            .images()
            .find(spec.image())
            .orElseThrow(
                () -> new IOException("There is no built-in image \"" + spec.image() + "\"."));
    OptionalInt port = OptionalInt.empty();
    if (spec.servingPort().isPresent()) {
      port = folder.port();
      if (port.isEmpty() || !Ports.isFree(port.getAsInt())) {
        port.ifPresent(tools.ports()::release);
        port = OptionalInt.of(tools.ports().take());
        folder.write("port", Integer.toString(port.getAsInt()));
      }
    }
    Optional<InstanceCgroup> cgroup =
        tools.cgroups().create(group, spec.hostName(), spec.resources());
    if (cgroup.isPresent()) {
      folder.write(CGROUPS, cgroup.get().toText());
    }
    Process shim = tools.launcher().launch(group, spec, image, folder, port);
    child = shim;
    var _ = shim.onExit().thenRun(wakeUps::release);
  }

  @Override
  public Optional<String> address() throws IOException {
    OptionalInt port = folder.port();
    return port.isPresent() ? Optional.of("127.0.0.1:" + port.getAsInt()) : Optional.empty();
  }

  @Override
  public void stop(Instant deadline) {
    stopDeadline = deadline;
    wakeUps.release();
  }

  @Override
  public boolean isStopped() {
    return stopDeadline != null;
  }

  @Override
  public OutputFolder output(String path) {
    return new OutputFolder.OnDisk(folder.ml().resolve(path));
  }

  @Override
  public Optional<String> failure(String path) {
    return folder.failure(path);
  }

  @Override
  public Optional<Usage> usage() throws IOException {
    Optional<ShimIdentity> shim = shim().filter(ShimIdentity::isAlive);
    return shim.isPresent()
        ? Optional.of(
            meter.measure(processes(), shim, volume.writtenBytes(), tools.clock().instant()))
        : Optional.empty();
  }

  @Override
  public boolean clear() throws IOException, InterruptedException {
    boolean gone = processes().kill(shim(), false);
    Optional<InstanceCgroup> cgroup = cgroup();
    if (gone && cgroup.isPresent()) {
      gone = CgroupFiles.remove(cgroup.get().folders());
    }
    OptionalInt port = folder.port();
    if (gone && port.isPresent()) {
      tools.ports().release(port.getAsInt());
    }
    return gone;
  }

  /** The groups that it was started in: what is written down, not what this server would make. */
  private Optional<InstanceCgroup> cgroup() throws IOException {
    return folder.read(CGROUPS).map(InstanceCgroup::parse);
  }

  private InstanceProcesses processes() throws IOException {
    return new InstanceProcesses(Launcher.marks(group, spec, folder), cgroup());
  }

  /** Who runs the program; empty before it was started. */
  private Optional<ShimIdentity> shim() throws IOException {
    return folder.read("run").flatMap(ShimIdentity::parse);
  }

  /** How the program ended, as the shim left it. */
  private Optional<End.Known> ended() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.state(), EXIT + "*")) {
      for (Path file : files) {
        int code = Integer.parseInt(file.getFileName().toString().substring(EXIT.length()));
        return Optional.of(
            new End.Known(code, ranOutOfMemory(), Files.getLastModifiedTime(file).toInstant()));
      }
      return Optional.empty();
    }
  }

  private boolean ranOutOfMemory() throws IOException {
    Optional<InstanceCgroup> cgroup = cgroup();
    return cgroup.isPresent() && cgroup.get().ranOutOfMemory();
  }

  @Override
  public End awaitEnd() throws IOException, InterruptedException {
    Future<?> watch = tools.disk().watch(folder.path(), volume::measured);
    try {
      return follow();
    } finally {
      watch.cancel(false);
    }
  }

  private End follow() throws IOException, InterruptedException {
    boolean terminated = false;
    boolean killed = false;
    while (true) {
      Optional<ShimIdentity> shim = shim();
      Optional<String> excess = volume.excess();
      if (excess.isPresent()) {
        var _ = processes().kill(shim, false);
        return new End.Unknown(new Phase.Broken(Step.RUNNING, excess.get(), Optional.empty()));
      }
      boolean alive = shim.isPresent() ? shim.get().isAlive() : isLaunching();
      // After the question whether it lives: the shim writes its last file before it ends.
      Optional<End.Known> ended = ended();
      if (ended.isPresent()) {
        // What the program left running would write to the outputs while they are packed.
        var _ = processes().kill(shim, true);
        return ended.get();
      }
      if (!alive) {
        var _ = processes().kill(shim, false);
        return ranOutOfMemory()
            ? new End.Known(KILLED, true, tools.clock().instant())
            : new End.Unknown(lost(shim));
      }
      Duration pause = pause(shim);
      Instant deadline = stopDeadline;
      if (deadline != null && shim.isPresent()) {
        if (!terminated) {
          terminated = true;
          var _ = ProcessHandle.of(shim.get().pid()).map(ProcessHandle::destroy);
        }
        Duration left = Duration.between(tools.clock().instant(), deadline);
        if (left.isNegative() || left.isZero()) {
          if (!killed) {
            logger.info("{}/{}: killed after its grace", group, spec.hostName());
          }
          killed = true;
          var _ = processes().kill(shim, true);
          pause = LAUNCH_CHECK;
        } else if (left.compareTo(pause) < 0) {
          pause = left;
        }
      }
      if (wakeUps.tryAcquire(Math.max(1, pause.toMillis()), TimeUnit.MILLISECONDS)) {
        wakeUps.drainPermits();
      }
    }
  }

  private boolean isLaunching() throws IOException {
    Process shim = child;
    // After a restart there may be an empty file: the shim died while it wrote its first line.
    return shim != null && (shim.isAlive() || shim().isPresent());
  }

  private Duration pause(Optional<ShimIdentity> shim) {
    if (shim.isEmpty()) {
      return LAUNCH_CHECK;
    }
    Process mine = child;
    return mine != null && mine.pid() == shim.get().pid() ? CHILD_CHECK : ADOPTED_CHECK;
  }

  private Phase lost(Optional<ShimIdentity> shim) throws IOException {
    Optional<String> refusal = folder.read("refused");
    if (refusal.isPresent()) {
      return new Phase.Broken(
          Step.STARTING,
          "The program could not be started: "
              + refusal.get().strip()
              + folder.read("mount-errors").map(text -> " " + text.strip()).orElse(""),
          Optional.empty());
    }
    if (shim.isEmpty()) {
      return new Phase.Broken(
          Step.STARTING,
          "The program could not be started: its launcher ended before it ran.",
          Optional.empty());
    }
    return new Phase.Lost(
        shim.get().isOfThisBoot()
            ? "Its launcher, process %d, was killed from outside; how the program ended is unknown."
                .formatted(shim.get().pid())
            : "The machine was restarted while it ran.");
  }
}
