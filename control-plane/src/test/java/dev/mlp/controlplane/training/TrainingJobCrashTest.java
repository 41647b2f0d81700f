package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.CapacitySummary;
import dev.mlp.controlplane.capacity.Demand;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control plane dies right after an act, before it can record it, and starts again. */
class TrainingJobCrashTest {
  @TempDir Path folder;
  private TrainingWorld world;

  /** Counts down with every act, and ends the process, so to say, after the last. */
  private int actsLeft = Integer.MAX_VALUE;

  @BeforeEach
  void open() {
    world = new TrainingWorld(folder);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aJobRunsOnceAndEndsWhereverItCrashes(int act) {
    AtomicInteger runs = new AtomicInteger();
    world.runtime.driveBy(counting(runs));
    world.runtime.runAtOnce();
    world.create("job");
    actsLeft = act;
    world.reconciler = reconciler();
    for (int i = 0; i < 8; i++) {
      pass();
      world.runtime.groups().stream().filter(this::runs).forEach(id -> world.runtime.exit(id, 0));
    }
    assertThat(world.status("job")).isEqualTo("Completed/Completed");
    assertThat(world.phases("job"))
        .containsExactly("Starting", "Downloading", "Training", "Uploading", "Completed");
    assertThat(runs).hasValue(1);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aStoppedJobEndsWhereverItCrashes(int act) {
    world.runtime.runAtOnce();
    world.create("job");
    actsLeft = act;
    world.reconciler = reconciler();
    pass();
    world.stop("job");
    for (int i = 0; i < 8; i++) {
      pass();
    }
    assertThat(world.status("job")).isEqualTo("Stopped/Stopped");
    assertNothingIsLeft();
  }

  private boolean runs(GroupId id) {
    try {
      return world.runtime.observe(id).orElseThrow().members().stream()
          .allMatch(member -> member.phase() instanceof Phase.Running);
    } catch (ContainerRuntimeException e) {
      throw new AssertionError(e);
    }
  }

  private void assertNothingIsLeft() {
    assertThat(world.runtime.groups()).isEmpty();
    assertThat(world.reconciler.active()).isEmpty();
    assertThat(
            world.capacity.reserve(
                new GroupId("probe"),
                Demand.ofMemory(TrainingWorld.MACHINE_MEBIBYTES),
                world.clock.instant()))
        .isInstanceOf(Capacity.Answer.Granted.class);
  }

  private void pass() {
    try {
      world.tick();
    } catch (Crash _) {
      world.restart();
      world.reconciler = reconciler();
    }
  }

  private TrainingJobReconciler reconciler() {
    return world.reconciler(new CrashingRuntime(world.runtime), new CrashingCapacity());
  }

  private static FakeContainerRuntime.Machine counting(AtomicInteger runs) {
    return new FakeContainerRuntime.Machine() {
      @Override
      public void started(InstanceGroupSpec spec) {
        runs.incrementAndGet();
      }

      @Override
      public void stopping(GroupId id, Duration grace) {}

      @Override
      public void removed(GroupId id) {}
    };
  }

  private void acted() {
    actsLeft--;
    if (actsLeft == 0) {
      throw new Crash();
    }
  }

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final class CrashingCapacity implements Capacity {
    @Override
    public Answer reserve(GroupId group, Demand demand, Instant now) {
      Answer answer = world.capacity.reserve(group, demand, now);
      acted();
      return answer;
    }

    @Override
    public void release(GroupId group, Instant now) {
      world.capacity.release(group, now);
      acted();
    }

    @Override
    public void onGrant(Consumer<GroupId> listener) {
      world.capacity.onGrant(listener);
    }

    @Override
    public CapacitySummary summary() {
      return world.capacity.summary();
    }
  }

  private final class CrashingRuntime implements ContainerRuntime {
    private final FakeContainerRuntime real;

    CrashingRuntime(FakeContainerRuntime real) {
      this.real = real;
    }

    @Override
    public String name() {
      return real.name();
    }

    @Override
    public RuntimeCapabilities capabilities() {
      return real.capabilities();
    }

    @Override
    public void checkImage(String image) throws ContainerRuntimeException {
      real.checkImage(image);
    }

    @Override
    public void start(InstanceGroupSpec spec) throws ContainerRuntimeException {
      real.start(spec);
      acted();
    }

    @Override
    public Optional<GroupObservation> observe(GroupId id) throws ContainerRuntimeException {
      Optional<GroupObservation> seen = real.observe(id);
      acted();
      return seen;
    }

    @Override
    public List<GroupObservation> observeAll() throws ContainerRuntimeException {
      return real.observeAll();
    }

    @Override
    public String platformHost() {
      return real.platformHost();
    }

    @Override
    public Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException {
      return real.usage(id);
    }

    @Override
    public void stop(GroupId id, Duration grace) {
      real.stop(id, grace);
      acted();
    }

    @Override
    public void remove(GroupId id) {
      real.remove(id);
      acted();
    }

    @Override
    public void onChange(Consumer<GroupId> listener) {
      real.onChange(listener);
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
