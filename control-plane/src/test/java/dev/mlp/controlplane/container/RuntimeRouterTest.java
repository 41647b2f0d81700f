package dev.mlp.controlplane.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class RuntimeRouterTest {
  private static final GroupId OLD = new GroupId("old");
  private static final GroupId NEW = new GroupId("new");

  private final FakeContainerRuntime before = new FakeContainerRuntime(Clock.systemUTC());
  private final FakeContainerRuntime now = new FakeContainerRuntime(Clock.systemUTC());
  private final RuntimeRouter router = new RuntimeRouter(List.of(now, before));

  @Test
  void newGroupsGoToThePreferredRuntime() throws Exception {
    router.start(spec(NEW));

    assertThat(now.observe(NEW)).isPresent();
    assertThat(before.observe(NEW)).isEmpty();
  }

  @Test
  void aGroupStaysWithTheRuntimeThatStartedIt() throws Exception {
    before.start(spec(OLD));

    router.start(spec(OLD));
    assertThat(now.observe(OLD)).isEmpty();
    assertThat(router.observe(OLD)).isPresent();

    router.stop(OLD, Duration.ofSeconds(1));
    router.remove(OLD);
    assertThat(router.observe(OLD)).isEmpty();
    assertThat(before.calls())
        .contains(
            new FakeContainerRuntime.Call.Stop(OLD, Duration.ofSeconds(1)),
            new FakeContainerRuntime.Call.Remove(OLD));
    assertThat(now.calls()).isEmpty();
  }

  @Test
  void seesTheGroupsOfAllAndHearsOfTheirChanges() throws Exception {
    List<GroupId> told = new ArrayList<>();
    router.onChange(told::add);
    before.start(spec(OLD));
    router.start(spec(NEW));

    assertThat(router.observeAll())
        .extracting(GroupObservation::id)
        .containsExactlyInAnyOrder(OLD, NEW);
    before.stage(OLD, "3 of 4");
    now.stage(NEW, "1 of 4");
    assertThat(told).contains(OLD, NEW);
  }

  @Test
  void nothingHappensForAGroupThatNobodyKnows() throws Exception {
    router.stop(OLD, Duration.ZERO);
    router.remove(OLD);

    assertThat(router.usage(OLD)).isEmpty();
    assertThat(now.calls()).isEmpty();
    assertThat(before.calls()).isEmpty();
  }

  private static InstanceGroupSpec spec(GroupId id) {
    return new InstanceGroupSpec(
        id,
        new Owner(new Tenant("000000000000", "us-east-1"), Owner.Kind.TRAINING_JOB, "job"),
        List.of(
            new MemberSpec(
                "algo-1",
                "image",
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                "output/failure",
                Path.of("log"),
                OptionalInt.empty(),
                Resources.of(1, 1))),
        false);
  }
}
