package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the runtime what every running instance uses, and puts it into the metrics. An engine may
 * take a second to answer for one container: groups are asked side by side, each one on a virtual
 * thread and never twice at once, and the tick waits for none of them.
 */
public final class InstanceSampler implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(InstanceSampler.class);
  private static final int ASKED_AT_ONCE = 16;
  private static final String UNIT = "Percent";

  /** A group that runs. Guarded by the lock. */
  private static final class Group {
    private final Owner owner;
    private final Map<String, Host> hosts = new HashMap<>();
    private boolean asked;
    private boolean troubled;

    Group(Owner owner) {
      this.owner = owner;
    }
  }

  /** One of its members that runs. Guarded by the lock. */
  private static final class Host {
    private final Optional<Instant> runningAt;
    private Optional<Usage> before = Optional.empty();
    private Optional<MeasuredInstance> instance = Optional.empty();

    Host(Optional<Instant> runningAt) {
      this.runningAt = runningAt;
    }
  }

  private final ContainerRuntime runtime;
  private final InstanceDimensions dimensions;
  private final LongSupplier fileSystemBytes;
  private final MetricSink metrics;
  private final InstanceGauges gauges;
  private final Semaphore room = new Semaphore(ASKED_AT_ONCE);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("usage-", 0).factory());
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("usage-tick").factory());
  private final Object lock = new Object();
  private final Map<GroupId, Group> groups = new HashMap<>();

  /**
   * @param fileSystemBytes the size of the file system that instances without a volume write to
   */
  public InstanceSampler(
      ContainerRuntime runtime,
      InstanceDimensions dimensions,
      LongSupplier fileSystemBytes,
      MetricSink metrics,
      InstanceGauges gauges) {
    this.runtime = runtime;
    this.dimensions = dimensions;
    this.fileSystemBytes = fileSystemBytes;
    this.metrics = metrics;
    this.gauges = gauges;
  }

  /** Begins to ask, at this interval. */
  public void start(Duration interval) {
    var _ =
        ticks.scheduleAtFixedRate(
            () -> {
              try {
                var _ = sample();
              } catch (RuntimeException e) {
                logger.warn("what instances use was not asked", e);
              }
            },
            interval.toMillis(),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Asks once, for every group that is not still being asked.
   *
   * @return done when all have answered
   */
  CompletableFuture<Void> sample() {
    List<GroupObservation> observed;
    try {
      observed = runtime.observeAll();
    } catch (ContainerRuntimeException e) {
      // Whoever looks after these groups has said so already.
      logger.debug("the runtime does not tell what runs", e);
      return CompletableFuture.completedFuture(null);
    }
    List<GroupId> ask = new ArrayList<>();
    synchronized (lock) {
      Set<GroupId> running = new HashSet<>();
      for (GroupObservation group : observed) {
        if (track(group)) {
          running.add(group.id());
        }
      }
      groups.keySet().retainAll(running);
      gauges.retain(instance -> host(instance.group(), instance.hostName()) != null);
      groups.forEach((id, group) -> {
        if (!group.asked) {
          group.asked = true;
          ask.add(id);
        }
      });
    }
    return CompletableFuture.allOf(
        ask.stream()
            .map(id -> CompletableFuture.runAsync(() -> ask(id), threads))
            .toArray(CompletableFuture[]::new));
  }

  /** Whether something of it runs. */
  private boolean track(GroupObservation observed) {
    Map<String, Optional<Instant>> running = new HashMap<>();
    for (MemberObservation member : observed.members()) {
      if (member.phase() instanceof Phase.Running) {
        running.put(member.hostName(), member.runningAt());
      }
    }
    if (running.isEmpty()) {
      return false;
    }
    Group group = groups.computeIfAbsent(observed.id(), _ -> new Group(observed.owner()));
    group.hosts.keySet().retainAll(running.keySet());
    running.forEach((name, at) -> group.hosts.computeIfAbsent(name, _ -> new Host(at)));
    return true;
  }

  private @Nullable Host host(GroupId id, String hostName) {
    Group group = groups.get(id);
    return group == null ? null : group.hosts.get(hostName);
  }

  private void ask(GroupId id) {
    boolean troubled = false;
    try {
      room.acquire();
      try {
        runtime.usage(id).forEach((host, usage) -> take(id, host, usage));
      } finally {
        room.release();
      }
    } catch (ContainerRuntimeException | RuntimeException e) {
      troubled = true;
      warn(id, e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (lock) {
        Group group = groups.get(id);
        if (group != null) {
          group.asked = false;
          group.troubled = troubled;
        }
      }
    }
  }

  /** Once until it answers again; not for one that has ended while it was asked. */
  private void warn(GroupId id, Exception e) {
    synchronized (lock) {
      Group group = groups.get(id);
      if (group == null || group.troubled) {
        return;
      }
    }
    logger.warn("what {} uses cannot be told now", id, e);
  }

  private void take(GroupId id, String hostName, Usage usage) {
    Owner owner;
    Optional<MeasuredInstance> known;
    synchronized (lock) {
      Group group = groups.get(id);
      Host host = host(id, hostName);
      if (group == null || host == null) {
        return;
      }
      owner = group.owner;
      known = host.instance;
    }
    Optional<MeasuredInstance> found =
        known.isPresent() ? known : dimensions.of(id, owner, hostName);
    if (found.isEmpty()) {
      return;
    }
    MeasuredInstance instance = found.get();
    long diskBytes = instance.volumeBytes().orElseGet(fileSystemBytes);
    Map<String, Double> percent;
    synchronized (lock) {
      Host host = host(id, hostName);
      if (host == null) {
        return; // ended meanwhile: its gauges must not come back
      }
      percent = Utilization.of(usage, host.before, host.runningAt, diskBytes);
      host.instance = found;
      host.before = Optional.of(usage);
      gauges.show(new InstanceGauges.Instance(id, hostName), owner, instance.variant(), percent);
    }
    percent.forEach((name, value) ->
        metrics.add(
            new MetricSeries(
                new MetricId(owner.tenant(), instance.namespace(), name, instance.dimensions()),
                UNIT),
            usage.at(),
            value));
  }

  @Override
  public void close() {
    ticks.close();
    // Who still waits for an engine is not waited for.
    threads.shutdownNow();
  }
}
