package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.FailureText;
import dev.mlp.controlplane.artifact.Staging;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Exit;
import dev.mlp.controlplane.container.Phase.Step;
import dev.mlp.controlplane.container.process.BuiltInImages.BuiltInImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member's life, on a thread of its own: staging, start, watch, collecting. Everything that it
 * needs to go on after a restart is in its folder before it goes on now; whoever reads {@link
 * #seen} gets the last step.
 */
final class ProcessMember {
  private static final Logger logger = LoggerFactory.getLogger(ProcessMember.class);

  /** The exit code of a program that SIGTERM ended; also of one that was stopped before it ran. */
  private static final int TERMINATED = 143;

  /** What all members of a runtime share. */
  record Tools(
      Staging staging, Collecting collecting, Launcher launcher, Ports ports, Clock clock) {}

  /** The runtime was closed or the group removed: the thread ends, nothing is recorded. */
  private static final class LetGo extends Exception {
    private static final long serialVersionUID = 1L;

    LetGo() {
      super(null, null, false, false);
    }
  }

  private final GroupId group;
  private final MemberSpec spec;
  private final BuiltInImages images;
  private final MemberFolder folder;
  private final Tools tools;
  private final StartGate gate;
  private final Runnable changed;
  private final InstanceProcesses processes;
  private final Program program;
  private final Object lock = new Object();
  private @Nullable Thread thread;
  private boolean interruptible;
  private volatile boolean letGo;
  private volatile MemberObservation seen;

  ProcessMember(
      GroupId group,
      MemberSpec spec,
      BuiltInImages images,
      MemberFolder folder,
      Tools tools,
      StartGate gate,
      Runnable changed)
      throws IOException {
    this.group = group;
    this.spec = spec;
    this.images = images;
    this.folder = folder;
    this.tools = tools;
    this.gate = gate;
    this.changed = changed;
    this.processes = new InstanceProcesses(Launcher.marks(group, spec, folder));
    this.program = new Program(name(), folder, processes, tools.clock());
    this.seen = restore();
  }

  /** Where it stood when its folder was last written to. */
  private MemberObservation restore() throws IOException {
    OptionalInt port = folder.port();
    if (port.isPresent()) {
      tools.ports().retake(port.getAsInt());
    }
    Optional<String> end = folder.read("end.json");
    if (end.isPresent()) {
      return StateJson.readEnd(end.get());
    }
    Optional<Instant> staging = folder.timeOf("staging");
    Optional<Instant> running = folder.timeOf("run");
    Phase phase;
    if (running.isPresent()) {
      phase = new Phase.Running();
    } else if (staging.isPresent()) {
      phase = new Phase.Staging("resuming");
    } else {
      phase = new Phase.Pending();
    }
    return new MemberObservation(
        spec.hostName(),
        phase,
        staging,
        running,
        Optional.empty(),
        Optional.empty(),
        running.isPresent() ? address(port) : Optional.empty());
  }

  MemberObservation seen() {
    return seen;
  }

  /** Begins, or goes on after a restart. */
  void begin() {
    switch (seen.phase()) {
      case Phase.Running _ -> gate.ready();
      case Phase.Pending _, Phase.Staging _ -> {}
      case Phase.Collecting _, Phase.Exited _, Phase.Broken _, Phase.Lost _ -> {
        if (seen.runningAt().isPresent()) {
          gate.ready();
        } else {
          gate.refuse(spec.hostName() + " did not start");
        }
        return;
      }
    }
    synchronized (lock) {
      thread = Thread.ofVirtual().name(group + "/" + spec.hostName()).start(this::live);
    }
  }

  /** Asks the program to end, or staging to give up. */
  void stop(Instant deadline) {
    synchronized (lock) {
      program.stop(deadline);
      if (interruptible && thread != null) {
        thread.interrupt();
      }
    }
  }

  /** Ends the thread, not the program. */
  void letGo() {
    letGo = true;
    synchronized (lock) {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** Waits until the thread has ended. */
  void join() throws InterruptedException {
    Thread running;
    synchronized (lock) {
      running = thread;
    }
    if (running != null) {
      running.join();
    }
  }

  /** Kills whatever is left of the instance, and gives its port back. */
  boolean clear() throws IOException, InterruptedException {
    boolean gone = processes.kill(folder.run(), false);
    OptionalInt port = folder.port();
    if (gone && port.isPresent()) {
      tools.ports().release(port.getAsInt());
    }
    return gone;
  }

  private void live() {
    Step step = Step.STAGING;
    try {
      if (seen.runningAt().isEmpty()) {
        if (!stage()) {
          return;
        }
        step = Step.STARTING;
        launch();
      }
      step = Step.STARTING;
      switch (program.awaitEnd()) {
        case Program.End.Known(var ended) -> {
          step = Step.COLLECTING;
          collect(exit(ended));
        }
        case Program.End.Unknown(var phase) -> end(phase);
      }
    } catch (LetGo | InterruptedException e) {
      logger.debug("{}/{}: let go", group, spec.hostName());
    } catch (IOException | RuntimeException e) {
      if (letGo) {
        return;
      }
      logger.warn("{}/{}: {} failed", group, spec.hostName(), step, e);
      breakDown(step, FailureText.of(e), Optional.empty());
    }
  }

  // Staging.

  /** Whether the program is to be started now. */
  private boolean stage() throws IOException, InterruptedException, LetGo {
    folder.mark("staging");
    seen = staging("starting");
    changed.run();
    Optional<Phase.Broken> failure = Optional.empty();
    try {
      setInterruptible(true);
      for (int i = 0; i < spec.inputs().size(); i++) {
        String mark = "staged." + i;
        if (!folder.isMarked(mark)) {
          Input input = spec.inputs().get(i);
          StoreRetries.run(name(), () -> stage(input));
          folder.mark(mark);
        }
      }
      gate.ready();
      failure =
          gate.await()
              .map(refusal ->
                  new Phase.Broken(
                      Step.STARTING, "Not started because " + refusal + ".", Optional.empty()));
    } catch (IOException e) {
      failure = Optional.of(new Phase.Broken(Step.STAGING, FailureText.of(e), Optional.empty()));
    } catch (InterruptedException e) {
      logger.debug("{}/{}: staging interrupted", group, spec.hostName());
    } finally {
      setInterruptible(false);
    }
    checkLetGo();
    if (program.isStopped()) {
      gate.refuse(spec.hostName() + " was stopped");
      end(new Phase.Exited(new Exit(TERMINATED, false, Optional.empty(), tools.clock().instant())));
      return false;
    }
    if (failure.isPresent()) {
      gate.refuse(spec.hostName() + " could not be staged");
      end(failure.get());
      return false;
    }
    return true;
  }

  private void stage(Input input) throws IOException, InterruptedException {
    Path target = folder.ml().resolve(input.path());
    switch (input.kind()) {
      case PREFIX -> tools.staging().prefix(input.source(), target, this::progress);
      case ARCHIVE -> tools.staging().archive(input.source(), target, this::progress);
    }
  }

  private void progress(String text) {
    // Nobody is told: it is for those who look, and comes once per object and mebibyte.
    seen = staging(text);
  }

  private MemberObservation staging(String progress) {
    return new MemberObservation(
        spec.hostName(),
        new Phase.Staging(progress),
        seen.stagingAt().or(() -> Optional.of(tools.clock().instant())),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private void setInterruptible(boolean value) {
    synchronized (lock) {
      interruptible = value;
      if (value && program.isStopped()) {
        Thread.currentThread().interrupt();
      } else if (!value && !letGo) {
        // A stop's interrupt that came too late to end anything.
        Thread.interrupted();
      }
    }
  }

  // The program.

  private void launch() throws IOException {
    // Asked only now: an instance that runs is looked after though its image's alias is gone.
    BuiltInImage image =
        images
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
    program.started(tools.launcher().launch(group, spec, image, folder, port));
    seen =
        new MemberObservation(
            spec.hostName(),
            new Phase.Running(),
            seen.stagingAt(),
            Optional.of(tools.clock().instant()),
            Optional.empty(),
            Optional.empty(),
            address(port));
    changed.run();
  }

  private static Optional<String> address(OptionalInt port) {
    return port.isPresent() ? Optional.of("127.0.0.1:" + port.getAsInt()) : Optional.empty();
  }

  private Exit exit(MemberFolder.Ended ended) {
    // File times are coarser than the clock: a short program must not end before it began.
    Instant at = seen.runningAt().filter(began -> began.isAfter(ended.at())).orElse(ended.at());
    Optional<String> failure =
        DiskSpace.explain(
            ended.code(), folder.failure(spec.failureFile()), DiskSpace.usableBytes(folder.path()));
    return new Exit(ended.code(), false, failure, at);
  }

  // Collecting.

  private void collect(Exit exit) throws InterruptedException, LetGo {
    seen = seen.collecting(exit, exit.at());
    changed.run();
    for (int i = 0; i < spec.outputs().size(); i++) {
      String mark = "collected." + i;
      Output output = spec.outputs().get(i);
      try {
        if (!folder.isMarked(mark)) {
          Path archive = folder.path().resolve("output-" + i + ".tar.gz");
          StoreRetries.run(
              name(),
              () ->
                  tools
                      .collecting()
                      .collect(
                          folder.ml().resolve(output.path()),
                          archive,
                          output.destination(),
                          output.evenEmptyAfter(exit),
                          text -> {}));
          folder.mark(mark);
        }
      } catch (IOException e) {
        checkLetGo();
        breakDown(
            Step.COLLECTING,
            "Could not store %s as \"%s\": %s"
                .formatted(output.path(), output.destination(), FailureText.of(e)),
            Optional.of(exit));
        return;
      }
    }
    end(new Phase.Exited(exit));
  }

  // All phases.

  private String name() {
    return group + "/" + spec.hostName();
  }

  private void checkLetGo() throws LetGo {
    if (letGo) {
      throw new LetGo();
    }
  }

  private void breakDown(Step step, String reason, Optional<Exit> exit) {
    end(new Phase.Broken(step, reason, exit));
  }

  private void end(Phase phase) {
    MemberObservation end = seen.ended(phase, tools.clock().instant());
    try {
      folder.write("end.json", StateJson.write(end));
    } catch (IOException e) {
      // Found out again after a restart, from the same files.
      logger.warn("{}/{}: cannot record its end", group, spec.hostName(), e);
    }
    seen = end;
    logger.info("{}/{}: {}", group, spec.hostName(), phase);
    changed.run();
  }
}
