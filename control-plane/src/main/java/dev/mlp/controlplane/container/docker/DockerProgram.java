package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Mount;
import dev.mlp.controlplane.artifact.OutputFolder;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Step;
import dev.mlp.controlplane.container.Usage;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import dev.mlp.controlplane.container.local.StagedInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's container: made while staging, waited for, told to end, removed. Its name tells it
 * from all others, so whatever was begun before a restart is found again.
 *
 * <pre>
 * state/starting  empty; the engine was asked to start it, or is about to be
 * state/address   where the serving port was, when it started
 * state/overfull  why it was killed for what it had written
 * </pre>
 */
final class DockerProgram implements InstanceProgram {
  private static final Logger logger = LoggerFactory.getLogger(DockerProgram.class);
  private static final String ML = "/opt/ml/";
  private static final String STARTING = "starting";

  /** Events tell of an end at once; this only makes up for those that get lost. */
  private static final Duration CHECK = Duration.ofSeconds(5);

  private static final Duration KILL_CHECK = Duration.ofMillis(200);
  private static final Duration READY_CHECK = Duration.ofMillis(20);

  /** The first process handles signals by then, however busy the machine is. */
  private static final Duration READY = Duration.ofSeconds(5);

  /** An engine gives its containers 10 seconds before it kills them, and 5 more. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(16);

  private static final long MEBIBYTE = 1 << 20;
  private static final long GIBIBYTE = 1 << 30;
  private static final int REMOVE_ATTEMPTS = 50;

  private final InstanceGroupSpec group;
  private final MemberSpec member;
  private final MemberFolder folder;
  private final EngineTools tools;
  private final String name;
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile @Nullable Instant stopDeadline;
  private volatile boolean signalledByUs;
  private volatile boolean signalledByOthers;
  private volatile OptionalLong diskBytes = OptionalLong.empty();
  private Images.@Nullable Image image;

  DockerProgram(
      InstanceGroupSpec group, MemberSpec member, MemberFolder folder, EngineTools tools) {
    this.group = group;
    this.member = member;
    this.folder = folder;
    this.tools = tools;
    this.name = tools.labels.container(group.id(), member.hostName());
  }

  // Before it runs.

  @Override
  public void prepare(Consumer<String> progress) throws IOException, InterruptedException {
    if (!isPlaced()) {
      image = tools.images.ensure(member.image(), progress);
    }
  }

  /** Whether all is done but the start: the container is there. */
  private boolean isPlaced() throws IOException, InterruptedException {
    return folder.isMarked("placed")
        && tools.connection.whenThere(() -> tools.containers.find(name)).isPresent();
  }

  @Override
  public void place(List<StagedInput> inputs, Consumer<String> progress)
      throws IOException, InterruptedException {
    Images.Image found = image;
    if (found == null) {
      return;
    }
    tools.connection.whenThere(() -> {
      progress.accept("creating the container");
      removeContainer();
      if (!tools.mountsInputs() || inputs.isEmpty()) {
        create(found, inputs, List.of(), progress);
        return true;
      }
      try {
        create(
            found,
            List.of(),
            tools.overlays.create(group, member.hostName(), folder, inputs, found),
            progress);
      } catch (EngineException e) {
        removeContainer();
        tools.overlays.remove(group, member.hostName(), folder);
        // Either it works without, or it fails again with the true reason.
        create(found, inputs, List.of(), progress);
        tools.refuseOverlays(e);
      }
      return true;
    });
    folder.mark("placed");
  }

  private void create(
      Images.Image from, List<StagedInput> copied, List<Mount> mounts, Consumer<String> progress)
      throws IOException, InterruptedException {
    Networks.Connection network = tools.networks.connect(group, member);
    tools.containers.create(group, member, from, network, mounts, tools.facts());
    tools.files.put(
        name,
        out -> {
          try (TarOfFolder tar = new TarOfFolder(out, from)) {
            tar.tree(folder.ml(), "opt/ml", _ -> {});
          }
        });
    if (copied.isEmpty()) {
      return;
    }
    tools.files.put(
        name,
        out -> {
          try (TarOfFolder tar = new TarOfFolder(out, from)) {
            for (StagedInput input : copied) {
              CopyProgress copy = new CopyProgress(input.input().path(), progress);
              parents(tar, input.input().path());
              tar.tree(input.tree(), "opt/ml/" + input.input().path(), copy);
            }
          }
        });
  }

  private static void parents(TarOfFolder tar, String path) throws IOException {
    Path parent = Path.of(path).getParent();
    if (parent != null) {
      parents(tar, parent.toString());
      tar.folder("opt/ml/" + parent);
    }
  }

  @Override
  public boolean hasBegun() throws IOException, InterruptedException {
    // One that is gone may have run: it must not run twice.
    return folder.isMarked(STARTING)
        && tools
            .connection
            .whenThere(() -> tools.containers.find(name))
            .map(found -> ContainerState.of(found).hasStarted())
            .orElse(true);
  }

  @Override
  public void start() throws IOException, InterruptedException {
    ContainerState before = ContainerState.of(existing());
    if (!before.hasStarted()) {
      folder.mark(STARTING);
      try {
        // The shared one may have been given back since the container was made.
        var _ = tools.connection.whenThere(() -> tools.networks.connect(group, member));
        tools.connection.patiently(docker -> docker.startContainerCmd(name).exec());
      } catch (EngineException e) {
        if (e.status() != EngineException.NOT_MODIFIED) {
          throw StartFailure.explained(member, e);
        }
      }
    }
    InspectContainerResponse running = existing();
    Optional<String> address = tools.containers.address(member, running);
    if (address.isPresent()) {
      folder.write("address", address.get());
    }
    folder.write("run", running.getId());
    if (before.hasStarted()) {
      // Started before a restart of this server, which came too early to write it down.
      Instant now = tools.clock.instant();
      Instant began = before.startedAt().filter(time -> time.isBefore(now)).orElse(now);
      Files.setLastModifiedTime(folder.state().resolve("run"), FileTime.from(began));
    }
  }

  private InspectContainerResponse existing() throws IOException, InterruptedException {
    return tools
        .connection
        .whenThere(() -> tools.containers.find(name))
        .orElseThrow(
            () -> new IOException("The container was removed from outside while it started."));
  }

  // While it runs.

  @Override
  public Optional<String> address() throws IOException {
    return folder.read("address");
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
  public Optional<Usage> usage() throws IOException {
    return tools.usage.read(name, diskBytes);
  }

  @Override
  public End awaitEnd() throws IOException, InterruptedException {
    tools.events.await(name, this::happened);
    try (LogFollower log = new LogFollower(tools.connection, name, member.log());
        DiskWatch _ =
            new DiskWatch(
                tools.containers, name, member, folder, tools.diskInterval, this::measured)) {
      log.start();
      End end = watch();
      log.finish();
      return end;
    } finally {
      tools.events.forget(name);
    }
  }

  private void happened(String event) {
    if (event.equals(EngineEvents.KILL) && !signalledByUs) {
      signalledByOthers = true;
    }
    wakeUps.release();
  }

  private End watch() throws IOException, InterruptedException {
    boolean terminated = false;
    boolean toldOfPause = false;
    while (true) {
      Optional<InspectContainerResponse> found =
          tools.connection.whenThere(() -> tools.containers.find(name));
      if (found.isEmpty()) {
        return new End.Unknown(new Phase.Lost(Endings.REMOVED));
      }
      ContainerState state = ContainerState.of(found.get());
      if (state.hasEnded()) {
        return end(state);
      }
      Duration pause = CHECK;
      Instant deadline = stopDeadline;
      Instant now = tools.clock.instant();
      if (folder.read("overfull").isPresent()) {
        deadline = now;
      }
      if (deadline != null) {
        if (state.isPaused()) {
          whenThere(() -> tools.containers.unpause(name));
        }
        if (!deadline.isAfter(now)) {
          signal("KILL");
          pause = KILL_CHECK;
        } else if (!terminated) {
          terminated = isReady(state, now);
          if (terminated) {
            signal("TERM");
          }
          pause = shorter(terminated ? CHECK : READY_CHECK, Duration.between(now, deadline));
        } else {
          pause = shorter(CHECK, Duration.between(now, deadline));
        }
      } else if (state.isPaused() && !toldOfPause) {
        toldOfPause = true;
        logger.warn("{}: paused from outside, it waits until it is unpaused or stopped", name);
      }
      if (wakeUps.tryAcquire(Math.max(1, pause.toMillis()), TimeUnit.MILLISECONDS)) {
        wakeUps.drainPermits();
      }
    }
  }

  /** A signal that may have been lost with the engine is sent again. */
  private void signal(String signal) throws IOException, InterruptedException {
    signalledByUs = true;
    whenThere(() -> tools.containers.signal(name, signal));
  }

  private interface EngineStep {
    void take() throws IOException;
  }

  private void whenThere(EngineStep step) throws IOException, InterruptedException {
    var _ =
        tools.connection.whenThere(() -> {
          step.take();
          return true;
        });
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Whether a signal will not be lost: the init starts the program when it handles them, and before
   * that nobody does.
   */
  private boolean isReady(ContainerState state, Instant now)
      throws IOException, InterruptedException {
    return state.startedAt().filter(began -> began.plus(READY).isBefore(now)).isPresent()
        || tools.connection.whenThere(() -> tools.containers.processes(name)) > 1;
  }

  private End end(ContainerState state) throws IOException, InterruptedException {
    Optional<String> overfull = folder.read("overfull");
    if (overfull.isPresent()) {
      return new End.Unknown(new Phase.Broken(Step.RUNNING, overfull.get(), Optional.empty()));
    }
    if (signalledByOthers && !isStopped() && Endings.isForced(state)) {
      // An engine that shuts down ends its containers first, and answers until it has.
      if (tools.connection.isAwayWithin(SHUTDOWN)) {
        return new End.Unknown(new Phase.Lost(Endings.ENGINE_STOPPED));
      }
      boolean gone = tools.connection.whenThere(() -> tools.containers.find(name)).isEmpty();
      return new End.Unknown(new Phase.Lost(gone ? Endings.REMOVED : Endings.killed(state)));
    }
    Optional<Instant> engineStart = tools.connection.whenThere(tools::engineStart);
    return Endings.judge(
        state, isStopped(), engineStart, tools.connection.lastAbsence(), tools.clock.instant());
  }

  private void measured(long bytes) {
    diskBytes = OptionalLong.of(bytes);
    OptionalLong limit = member.resources().volumeBytes();
    if (limit.isEmpty() || bytes <= limit.getAsLong()) {
      return;
    }
    try {
      if (folder.read("overfull").isEmpty()) {
        String reason =
            "%s wrote %s, more than its VolumeSizeInGB of %s."
                .formatted(member.hostName(), size(bytes), size(limit.getAsLong()));
        logger.warn("{}: {}", name, reason);
        folder.write("overfull", reason);
      }
      wakeUps.release();
    } catch (IOException e) {
      logger.warn("{}: cannot write down that it has written too much", name, e);
    }
  }

  private static String size(long bytes) {
    return bytes < GIBIBYTE
        ? bytes / MEBIBYTE + " MiB"
        : bytes % GIBIBYTE == 0
            ? bytes / GIBIBYTE + " GiB"
            : "%.1f GiB".formatted((double) bytes / GIBIBYTE);
  }

  // After its end.

  @Override
  public OutputFolder output(String path) {
    return new OutputFolder.AsTar(() -> tools.files.folder(name, ML + path));
  }

  @Override
  public Optional<String> failure(String path) throws IOException {
    try {
      return tools.files.text(name, ML + path);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (EngineException e) {
      logger.warn("{}: cannot read {}", name, path, e);
      return Optional.empty();
    }
  }

  @Override
  public boolean clear() throws IOException, InterruptedException {
    tools.events.forget(name);
    if (folder.read("run").isPresent() && folder.read("end.json").isEmpty()) {
      endWithItsLog();
    }
    removeContainer();
    tools.overlays.remove(group, member.hostName(), folder);
    return true;
  }

  /** What it has said until now goes with the container otherwise. */
  private void endWithItsLog() throws InterruptedException {
    try {
      tools.containers.signal(name, "KILL");
    } catch (IOException e) {
      logger.debug("{}: not killed: it may have ended", name, e);
    }
    try (LogFollower log = new LogFollower(tools.connection, name, member.log())) {
      log.start();
      log.finish();
    }
  }

  private void removeContainer() throws IOException, InterruptedException {
    for (int i = 0; !tools.containers.remove(name); i++) {
      if (i == REMOVE_ATTEMPTS) {
        throw new IOException("The Docker engine does not remove the container " + name);
      }
      Thread.sleep(KILL_CHECK);
    }
  }
}
