package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.capacity.CapacitySummary;
import dev.mlp.controlplane.capacity.Gpu;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.reconcile.ReconcileLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many jobs at once on a machine that has room for a few. */
@Timeout(120)
class TrainingJobQueueTest {
  private static final int JOBS = 50;

  @TempDir Path folder;
  private TrainingWorld world;

  @BeforeEach
  void open() {
    world = new TrainingWorld(folder);
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** Step by step: without chance, the order of starts is the order of submission. */
  @Test
  void fiftyJobsAtOnceRunInOrder() {
    world.restart(new Machine(3 * 2048 + 100, 2, List.of()), InstanceTypes.FIT);
    Programs programs = new Programs(world, 3);
    List<String> names = submit("local");
    int longestQueue = 0;
    while (programs.started().size() < JOBS || !world.reconciler.active().isEmpty()) {
      world.tick();
      longestQueue = Math.max(longestQueue, world.capacity.summary().waiting());
      programs.endOldest();
    }
    assertThat(programs.started()).isEqualTo(names);
    assertThat(longestQueue).isEqualTo(JOBS - 3);
    assertAllCompleted(names);
    programs.assertNeverTooMuch();
  }

  /**
   * With the server's own threads, and without its ticks: whoever waits hears of its turn. The
   * starts of jobs that have their turn at the same time may be seen in either order.
   */
  @ParameterizedTest
  @CsvSource({"local, 1, 0", "local, 4, 0", "ml.g5.xlarge, 0, 3"})
  void fiftyJobsAtOnceRunInOrderConcurrently(String type, int roomForLocal, int gpus)
      throws Exception {
    // With GPUs, these are what is short.
    Machine machine =
        new Machine(
            gpus > 0 ? 200_000 : roomForLocal * 2048L + 100,
            4,
            IntStream.range(0, gpus)
                .mapToObj(i -> new Gpu("GPU-" + i, OptionalLong.empty()))
                .toList());
    world.restart(machine, InstanceTypes.STRICT);
    int slots = gpus > 0 ? gpus : roomForLocal;
    Programs programs = new Programs(world, slots);
    TrainingJobReconciler reconciler = world.reconciler;
    List<String> names;
    try (ReconcileLoop<TrainingJobKey> loop =
        new ReconcileLoop<>("queue", reconciler::active, reconciler::reconcile)) {
      world.runtime.onChange(group -> reconciler.owner(group).ifPresent(loop::poke));
      world.capacity.onGrant(group -> reconciler.owner(group).ifPresent(loop::poke));
      loop.start(Duration.ofHours(1));
      names = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        names.add(create(i, type));
        loop.poke(TrainingWorld.key(names.get(i)));
      }
      for (int ended = 0; ended < JOBS; ended++) {
        programs.awaitRunning(Math.min(slots, JOBS - ended));
        programs.endOldest();
      }
      programs.awaitAllRemoved();
    }
    assertAllCompleted(names);
    programs.assertNeverTooMuch();
    for (int i = 0; i < JOBS; i++) {
      assertThat(Math.abs(programs.started().indexOf(names.get(i)) - i))
          .as("places that %s is away from its turn", names.get(i))
          .isLessThan(slots);
    }
  }

  private void assertAllCompleted(List<String> names) {
    // A last look for what ended between two steps.
    world.tick();
    assertThat(names)
        .allSatisfy(name -> assertThat(world.status(name)).isEqualTo("Completed/Completed"));
    CapacitySummary summary = world.capacity.summary();
    assertThat(summary.reservedMebibytes()).isZero();
    assertThat(summary.reservedGpus()).isZero();
    assertThat(summary.running() + summary.waiting()).isZero();
  }

  private List<String> submit(String type) {
    return IntStream.range(0, JOBS).mapToObj(i -> create(i, type)).toList();
  }

  private String create(int number, String type) {
    String name = "job-%02d".formatted(number);
    world.create(
        name, request -> request.resourceConfig(r -> r.instanceType(type).instanceCount(1)));
    return name;
  }

  /** The programs on the machine, and what they take of it while they are there. */
  private static final class Programs implements FakeContainerRuntime.Machine {
    private final FakeContainerRuntime runtime;
    private final Machine machine;
    private final int slots;
    private final List<String> started = new ArrayList<>();
    private final Queue<GroupId> running = new ArrayDeque<>();
    private final Map<GroupId, Resources> held = new HashMap<>();
    private final List<String> excesses = new ArrayList<>();
    private int mostAtOnce;

    Programs(TrainingWorld world, int slots) {
      this.runtime = world.runtime;
      this.machine = world.machine;
      this.slots = slots;
      runtime.driveBy(this);
    }

    @Override
    public synchronized void started(InstanceGroupSpec spec) {
      started.add(spec.owner().name());
      running.add(spec.id());
      held.put(spec.id(), spec.members().getFirst().resources());
      mostAtOnce = Math.max(mostAtOnce, held.size());
      long memory = held.values().stream().mapToLong(Resources::memoryMebibytes).sum();
      List<String> gpus = held.values().stream().flatMap(one -> one.gpus().stream()).toList();
      if (memory > machine.memoryMebibytes() || gpus.stream().distinct().count() < gpus.size()) {
        excesses.add(memory + " MiB and " + gpus + " with " + spec.id());
      }
      notifyAll();
    }

    @Override
    public void stopping(GroupId id, Duration grace) {}

    @Override
    public synchronized void removed(GroupId id) {
      held.remove(id);
      notifyAll();
    }

    synchronized List<String> started() {
      return List.copyOf(started);
    }

    synchronized void awaitRunning(int count) throws InterruptedException {
      while (running.size() < count) {
        wait();
      }
    }

    synchronized void awaitAllRemoved() throws InterruptedException {
      while (!held.isEmpty()) {
        wait();
      }
    }

    /** Not under the lock: the runtime calls back. */
    void endOldest() {
      GroupId oldest;
      synchronized (this) {
        oldest = running.poll();
      }
      if (oldest != null) {
        runtime.exit(oldest, 0);
      }
    }

    synchronized void assertNeverTooMuch() {
      assertThat(excesses).isEmpty();
      assertThat(mostAtOnce).isEqualTo(slots);
    }
  }
}
