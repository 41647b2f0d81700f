package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.FailureText;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Exit;
import dev.mlp.controlplane.container.Phase.Step;
import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member's life, on a thread of its own: staging, start, watch, collecting. Everything that it
 * needs to go on after a restart is in its folder before it goes on now; whoever reads {@link
 * #seen} gets the last step.
 */
final class LocalMember {
  private static final Logger logger = LoggerFactory.getLogger(LocalMember.class);

  /** The exit code of a program that SIGTERM ended; also of one that was stopped before it ran. */
  private static final int TERMINATED = 143;

  /** What all members of a runtime share. */
  record Tools(Engine engine, StagingCache cache, Collecting collecting, Clock clock) {}

  /** The runtime was closed or the group removed: the thread ends, nothing is recorded. */
  private static final class LetGo extends Exception {
    private static final long serialVersionUID = 1L;

    LetGo() {
      super(null, null, false, false);
    }
  }

  private final InstanceGroupSpec group;
  private final MemberSpec spec;
  private final MemberFolder folder;
  private final Tools tools;
  private final StartGate gate;
  private final Runnable changed;
  private final InstanceProgram program;
  private final Object lock = new Object();
  private @Nullable Thread thread;
  private boolean interruptible;
  private volatile boolean letGo;
  private volatile MemberObservation seen;

  LocalMember(
      InstanceGroupSpec group,
      MemberSpec spec,
      MemberFolder folder,
      Tools tools,
      StartGate gate,
      Runnable changed)
      throws IOException {
    this.group = group;
    this.spec = spec;
    this.folder = folder;
    this.tools = tools;
    this.gate = gate;
    this.changed = changed;
    this.program = tools.engine().program(group, spec, folder);
    this.seen = restore();
  }

  /** Where it stood when its folder was last written to. */
  private MemberObservation restore() throws IOException {
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
        running.isPresent() ? program.address() : Optional.empty());
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
      thread = Thread.ofVirtual().name(name()).start(this::live);
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

  /** What it uses now; empty when it does not run. */
  Optional<Usage> usage() throws IOException {
    return seen.phase() instanceof Phase.Running ? program.usage() : Optional.empty();
  }

  /** Kills whatever is left of the instance, and gives everything but the folder back. */
  boolean clear() throws IOException, InterruptedException {
    boolean gone = program.clear();
    if (gone) {
      tools.cache().release(name());
    }
    return gone;
  }

  private void live() {
    Step step = Step.STAGING;
    try {
      if (seen.runningAt().isEmpty()) {
        if (program.hasBegun()) {
          gate.ready();
        } else if (!stage()) {
          return;
        }
        step = Step.STARTING;
        launch();
      }
      step = Step.STARTING;
      switch (program.awaitEnd()) {
        case InstanceProgram.End.Known ended -> {
          step = Step.COLLECTING;
          collect(exit(ended));
        }
        case InstanceProgram.End.Unknown(var phase) -> end(phase);
      }
    } catch (LetGo | InterruptedException e) {
      logger.debug("{}: let go", name());
    } catch (IOException | RuntimeException e) {
      if (letGo) {
        return;
      }
      logger.warn("{}: {} failed", name(), step, e);
      // Where the others still wait for this one.
      gate.refuse(spec.hostName() + " could not be started");
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
      program.prepare(this::progress);
      List<StagedInput> inputs = new ArrayList<>();
      for (Input input : spec.inputs()) {
        StoreRetries.run(
            name(), () -> inputs.add(new StagedInput(input, stage(input, this::progress))));
      }
      program.place(inputs, this::progress);
      gate.ready();
      failure =
          gate.await()
              .map(refusal ->
                  new Phase.Broken(
                      Step.STARTING, "Not started because " + refusal + ".", Optional.empty()));
    } catch (IOException e) {
      failure = Optional.of(new Phase.Broken(Step.STAGING, FailureText.of(e), Optional.empty()));
    } catch (InterruptedException e) {
      logger.debug("{}: staging interrupted", name());
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

  private Path stage(Input input, Consumer<String> progress)
      throws IOException, InterruptedException {
    String account = group.owner().tenant().account();
    Input.Shard shard = input.shard();
    return switch (input.kind()) {
      case PREFIX ->
          tools
              .cache()
              .prefix(account, input.source(), shard.index(), shard.count(), name(), progress);
      case MANIFEST ->
          tools
              .cache()
              .manifest(account, input.source(), shard.index(), shard.count(), name(), progress);
      case ARCHIVE -> tools.cache().archive(account, input.source(), name(), progress);
    };
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

  private void launch() throws IOException, InterruptedException {
    program.start();
    seen =
        new MemberObservation(
            spec.hostName(),
            new Phase.Running(),
            seen.stagingAt(),
            Optional.of(tools.clock().instant()),
            Optional.empty(),
            Optional.empty(),
            program.address());
    changed.run();
  }

  private Exit exit(InstanceProgram.End.Known ended) throws IOException {
    // File times are coarser than the clock: a short program must not end before it began.
    Instant at = seen.runningAt().filter(began -> began.isAfter(ended.at())).orElse(ended.at());
    Optional<String> failure =
        DiskSpace.explain(
            ended.code(),
            program.failure(spec.failureFile()),
            DiskSpace.usableBytes(folder.path()));
    return new Exit(ended.code(), ended.outOfMemory(), failure, at);
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
                          program.output(output.path()),
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
    return name(group.id(), spec.hostName());
  }

  /** What a member is called, in the staging cache too. */
  static String name(Object group, Object host) {
    return group + "/" + host;
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
      logger.warn("{}: cannot record its end", name(), e);
    }
    seen = end;
    logger.info("{}: {}", name(), phase);
    changed.run();
  }
}
