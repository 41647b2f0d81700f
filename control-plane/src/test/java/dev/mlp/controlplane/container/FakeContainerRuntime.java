package dev.mlp.controlplane.container;

import dev.mlp.controlplane.container.Phase.Broken;
import dev.mlp.controlplane.container.Phase.Collecting;
import dev.mlp.controlplane.container.Phase.Exit;
import dev.mlp.controlplane.container.Phase.Exited;
import dev.mlp.controlplane.container.Phase.Lost;
import dev.mlp.controlplane.container.Phase.Pending;
import dev.mlp.controlplane.container.Phase.Running;
import dev.mlp.controlplane.container.Phase.Staging;
import dev.mlp.controlplane.container.Phase.Step;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A runtime without processes: the test says what becomes of the members.
 *
 * <p>Started members are {@link Pending} until the test drives them on ({@link #stage}, {@link
 * #run}, {@link #exit} …), or go straight to {@link Running} after {@link #runAtOnce}. {@link
 * #stop} ends members that run with 143 at once, unless {@link #ignoreStop} was called; members
 * that do not run yet always end so. It keeps the order of phases: an impossible step fails the
 * test. What is held outlives the object, as with real runtimes: {@link #restarted} is the runtime
 * of a restarted control plane.
 */
public final class FakeContainerRuntime implements ContainerRuntime {
  /** What the code under test asked for, in order. Observing is not recorded. */
  public sealed interface Call {
    record Start(InstanceGroupSpec spec) implements Call {}

    record Stop(GroupId id, Duration grace) implements Call {}

    record Remove(GroupId id) implements Call {}
  }

  /** Takes the test's part for fakes that shall act by themselves. Called without locks held. */
  public interface Machine {
    /** The group was taken on; called once per group. */
    void started(InstanceGroupSpec spec);

    /** Members that run are asked to end. */
    void stopping(GroupId id, Duration grace);

    /** Whatever is left of the group ends now. */
    void removed(GroupId id);
  }

  /** What members use, as the test likes it. Called without locks held; may block. */
  public interface UsageSource {
    /** Empty for one that it has nothing of. */
    Optional<Usage> of(GroupId id, String host) throws ContainerRuntimeException;
  }

  private record Member(MemberSpec spec, MemberObservation seen) {}

  private static final class Group {
    private final InstanceGroupSpec spec;
    private final Map<String, Member> members = new LinkedHashMap<>();

    Group(InstanceGroupSpec spec) {
      this.spec = spec;
    }
  }

  /** What outlives the control plane. */
  private static final class World {
    private final Object lock = new Object();
    private final Map<String, Group> groups = new TreeMap<>();
    private final Map<String, String> refusedImages = new TreeMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private @Nullable ContainerRuntimeException startFailure;
    private @Nullable ContainerRuntimeException observeFailure;
    private @Nullable Machine machine;
    private UsageSource usage = (_, _) -> Optional.empty();
    private boolean runAtOnce;
    private boolean ignoreStop;
    private int nextPort = 40_000;
  }

  private final Clock clock;
  private final World world;
  private final List<Consumer<GroupId>> listeners = new CopyOnWriteArrayList<>();

  public FakeContainerRuntime(Clock clock) {
    this(clock, new World());
  }

  private FakeContainerRuntime(Clock clock, World world) {
    this.clock = clock;
    this.world = world;
  }

  // What the test sets up.

  /** Another runtime object that holds the same groups; this one's listeners hear no more. */
  public FakeContainerRuntime restarted() {
    listeners.clear();
    return new FakeContainerRuntime(clock, world);
  }

  /** Members of groups started from now on run as soon as they are started. */
  public void runAtOnce() {
    synchronized (world.lock) {
      world.runAtOnce = true;
    }
  }

  /** Programs do not react to {@link #stop}; the test ends them. */
  public void ignoreStop() {
    synchronized (world.lock) {
      world.ignoreStop = true;
    }
  }

  /** Hands the members over to {@code machine}. */
  public void driveBy(Machine machine) {
    synchronized (world.lock) {
      world.machine = machine;
    }
  }

  /** From now on members that run use this; nothing is known of it before. */
  public void useBy(UsageSource source) {
    synchronized (world.lock) {
      world.usage = source;
    }
  }

  /** {@link #checkImage} refuses this image with this message, not retryable. */
  public void refuseImage(String image, String message) {
    synchronized (world.lock) {
      world.refusedImages.put(image, message);
    }
  }

  /** Every {@link #start} of a new group fails so, until {@link #recover}. */
  public void failStart(ContainerRuntimeException failure) {
    synchronized (world.lock) {
      world.startFailure = failure;
    }
  }

  /** Every observation fails so, until {@link #recover}. */
  public void failObserve(ContainerRuntimeException failure) {
    synchronized (world.lock) {
      world.observeFailure = failure;
    }
  }

  /** Ends {@link #failStart} and {@link #failObserve}. */
  public void recover() {
    synchronized (world.lock) {
      world.startFailure = null;
      world.observeFailure = null;
    }
  }

  // How the test drives members; a method without a host name drives every member of the group.

  /** Pending or Staging → Staging. */
  public void stage(GroupId id, String progress) {
    hosts(id).forEach(host -> stage(id, host, progress));
  }

  /** Pending or Staging → Staging. */
  public void stage(GroupId id, String host, String progress) {
    move(id, host, member -> staging(member, progress));
  }

  /** Pending or Staging → Running, with an address where the spec has a serving port. */
  public void run(GroupId id) {
    hosts(id).forEach(host -> run(id, host));
  }

  /** Pending or Staging → Running, with an address where the spec has a serving port. */
  public void run(GroupId id, String host) {
    synchronized (world.lock) {
      Optional<String> address =
          member(id, host).spec().servingPort().isPresent()
              ? Optional.of("127.0.0.1:" + world.nextPort++)
              : Optional.empty();
      run(id, host, address);
    }
  }

  /** Pending or Staging → Running, reachable at an address of the test's choice. */
  public void run(GroupId id, String host, Optional<String> address) {
    move(id, host, member -> running(member, address));
  }

  /** Running → Collecting. */
  public void collect(GroupId id, String host, int code) {
    collect(id, host, exitOf(code));
  }

  /** Running → Collecting. */
  public void collect(GroupId id, String host, Exit exit) {
    move(id, host, member -> collecting(member, exit));
  }

  /** Running or Collecting → Exited; earlier phases are gone through. */
  public void exit(GroupId id, int code) {
    hosts(id).forEach(host -> exit(id, host, code));
  }

  /** Running or Collecting → Exited; earlier phases are gone through. */
  public void exit(GroupId id, String host, int code) {
    exit(id, host, exitOf(code));
  }

  /** Running or Collecting → Exited; earlier phases are gone through. */
  public void exit(GroupId id, String host, Exit exit) {
    synchronized (world.lock) {
      Phase phase = member(id, host).seen().phase();
      if (phase instanceof Pending || phase instanceof Staging) {
        run(id, host);
      }
    }
    move(id, host, member -> exited(collecting(member, exit), exit));
  }

  /** Any phase that is not terminal → Broken, such as staging that finds no object. */
  public void breakDown(GroupId id, String host, Step step, String reason) {
    move(
        id,
        host,
        member -> {
          Optional<Exit> exit =
              member.phase() instanceof Collecting(var ended)
                  ? Optional.of(ended)
                  : Optional.empty();
          return ended(member, new Broken(step, reason, exit));
        });
  }

  /** Running or Collecting → Lost. */
  public void lose(GroupId id, String host, String reason) {
    move(id, host, member -> ended(member, new Lost(reason)));
  }

  // What the test reads.

  /** Every start, stop and remove so far, repeated ones included. */
  public List<Call> calls() {
    return List.copyOf(world.calls);
  }

  /** The spec that a group was started with; fails for an unknown one. */
  public InstanceGroupSpec spec(GroupId id) {
    synchronized (world.lock) {
      return group(id).spec;
    }
  }

  /** The groups held, in the order of their names. */
  public List<GroupId> groups() {
    synchronized (world.lock) {
      return world.groups.values().stream().map(group -> group.spec.id()).toList();
    }
  }

  // The SPI.

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public String platformHost() {
    return "127.0.0.1";
  }

  @Override
  public Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException {
    UsageSource source;
    List<String> running = new ArrayList<>();
    synchronized (world.lock) {
      checkObservable();
      source = world.usage;
      Group group = world.groups.get(id.value());
      if (group != null) {
        group.members.forEach((host, member) -> {
          if (member.seen().phase() instanceof Running) {
            running.add(host);
          }
        });
      }
    }
    Map<String, Usage> usage = new LinkedHashMap<>();
    for (String host : running) {
      source.of(id, host).ifPresent(used -> usage.put(host, used));
    }
    return usage;
  }

  @Override
  public RuntimeCapabilities capabilities() {
    return new RuntimeCapabilities(true, false, false);
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    synchronized (world.lock) {
      String message = world.refusedImages.get(image);
      if (message != null) {
        throw new ContainerRuntimeException(message, false);
      }
    }
  }

  @Override
  public void start(InstanceGroupSpec spec) throws ContainerRuntimeException {
    world.calls.add(new Call.Start(spec));
    Machine machine;
    synchronized (world.lock) {
      if (world.groups.containsKey(spec.id().value())) {
        return;
      }
      if (world.startFailure != null) {
        throw world.startFailure;
      }
      for (MemberSpec member : spec.members()) {
        checkImage(member.image());
      }
      Group group = new Group(spec);
      for (MemberSpec member : spec.members()) {
        group.members.put(member.hostName(), new Member(member, pending(member.hostName())));
      }
      world.groups.put(spec.id().value(), group);
      machine = world.machine;
      if (world.runAtOnce) {
        run(spec.id());
      }
    }
    changed(spec.id());
    if (machine != null) {
      machine.started(spec);
    }
  }

  @Override
  public Optional<GroupObservation> observe(GroupId id) throws ContainerRuntimeException {
    synchronized (world.lock) {
      checkObservable();
      return Optional.ofNullable(world.groups.get(id.value())).map(FakeContainerRuntime::seen);
    }
  }

  @Override
  public List<GroupObservation> observeAll() throws ContainerRuntimeException {
    synchronized (world.lock) {
      checkObservable();
      return world.groups.values().stream().map(FakeContainerRuntime::seen).toList();
    }
  }

  @Override
  public void stop(GroupId id, Duration grace) {
    world.calls.add(new Call.Stop(id, grace));
    Machine machine;
    synchronized (world.lock) {
      Group group = world.groups.get(id.value());
      if (group == null) {
        return;
      }
      machine = world.machine;
      for (String host : hosts(id)) {
        switch (member(id, host).seen().phase()) {
          case Pending _, Staging _ ->
              move(id, host, member -> ended(member, new Exited(exitOf(143))));
          case Running _ -> {
            if (!world.ignoreStop && machine == null) {
              exit(id, host, 143);
            }
          }
          case Collecting _, Exited _, Broken _, Lost _ -> {}
        }
      }
    }
    if (machine != null) {
      machine.stopping(id, grace);
    }
  }

  @Override
  public void remove(GroupId id) {
    world.calls.add(new Call.Remove(id));
    Machine machine;
    synchronized (world.lock) {
      if (world.groups.remove(id.value()) == null) {
        return;
      }
      machine = world.machine;
    }
    if (machine != null) {
      machine.removed(id);
    }
    changed(id);
  }

  @Override
  public void onChange(Consumer<GroupId> listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    listeners.clear();
  }

  // The order of phases.

  private static MemberObservation pending(String host) {
    return new MemberObservation(
        host,
        new Pending(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private MemberObservation staging(MemberObservation member, String progress) {
    return switch (member.phase()) {
      case Pending _, Staging _ ->
          new MemberObservation(
              member.hostName(),
              new Staging(progress),
              member.stagingAt().or(() -> Optional.of(clock.instant())),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      default -> throw impossible(member, "stage");
    };
  }

  private MemberObservation running(MemberObservation member, Optional<String> address) {
    return switch (member.phase()) {
      case Pending _, Staging _ ->
          new MemberObservation(
              member.hostName(),
              new Running(),
              member.stagingAt().or(() -> Optional.of(clock.instant())),
              Optional.of(clock.instant()),
              Optional.empty(),
              Optional.empty(),
              address);
      default -> throw impossible(member, "run");
    };
  }

  private MemberObservation collecting(MemberObservation member, Exit exit) {
    return switch (member.phase()) {
      case Running _ -> member.collecting(exit, clock.instant());
      case Collecting _ -> member;
      default -> throw impossible(member, "exit");
    };
  }

  private MemberObservation exited(MemberObservation member, Exit exit) {
    return ended(member, new Exited(exit));
  }

  private MemberObservation ended(MemberObservation member, Phase end) {
    if (member.phase().terminal()) {
      throw impossible(member, "end");
    }
    return member.ended(end, clock.instant());
  }

  private static IllegalStateException impossible(MemberObservation member, String step) {
    return new IllegalStateException(
        "cannot " + step + " " + member.hostName() + ": it is " + member.phase());
  }

  private Exit exitOf(int code) {
    return new Exit(code, false, Optional.empty(), clock.instant());
  }

  private void move(GroupId id, String host, UnaryOperator<MemberObservation> step) {
    synchronized (world.lock) {
      Member member = member(id, host);
      group(id).members.put(host, new Member(member.spec(), step.apply(member.seen())));
    }
    changed(id);
  }

  private Group group(GroupId id) {
    Group group = world.groups.get(id.value());
    if (group == null) {
      throw new NoSuchElementException("no group " + id + "; held: " + world.groups.keySet());
    }
    return group;
  }

  private Member member(GroupId id, String host) {
    Member member = group(id).members.get(host);
    if (member == null) {
      throw new NoSuchElementException("no member " + host + " in group " + id);
    }
    return member;
  }

  private List<String> hosts(GroupId id) {
    synchronized (world.lock) {
      return List.copyOf(group(id).members.keySet());
    }
  }

  private static GroupObservation seen(Group group) {
    List<MemberObservation> members = new ArrayList<>();
    group.members.values().forEach(member -> members.add(member.seen()));
    return new GroupObservation(group.spec.id(), group.spec.owner(), members);
  }

  private void checkObservable() throws ContainerRuntimeException {
    if (world.observeFailure != null) {
      throw world.observeFailure;
    }
  }

  private void changed(GroupId id) {
    listeners.forEach(listener -> listener.accept(id));
  }
}
