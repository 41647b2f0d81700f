package dev.mlp.controlplane.endpoint;

import static dev.mlp.controlplane.endpoint.Samples.LIMITS;
import static dev.mlp.controlplane.endpoint.Samples.NOW;
import static dev.mlp.controlplane.endpoint.Samples.failed;
import static dev.mlp.controlplane.endpoint.Samples.instance;
import static dev.mlp.controlplane.endpoint.Samples.ready;
import static dev.mlp.controlplane.endpoint.Samples.view;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.endpoint.EndpointPlan.Launch;
import dev.mlp.controlplane.endpoint.EndpointPlan.Transition;
import dev.mlp.controlplane.endpoint.InstanceFailure.Cause;
import dev.mlp.controlplane.invocation.EndpointRoute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EndpointDeciderTest {
  private static final EndpointState CREATING = new EndpointState.Creating(NOW);
  private static final EndpointState IN_SERVICE = new EndpointState.InService(NOW);
  private static final EndpointState DELETING = new EndpointState.Deleting(NOW);
  private static final EndpointState FAILED = new EndpointState.Failed(NOW, "x");
  private static final InstanceState STARTING = new InstanceState.Starting(NOW);
  private static final InstanceState WAITING = new InstanceState.Waiting(NOW, "no memory");

  @Test
  void aNewEndpointLaunchesWhatIsWanted() {
    EndpointPlan plan = decide(view(CREATING, 3), Duration.ZERO);

    assertThat(plan.launches()).containsExactly(new Launch("AllTraffic", 1, 3));
    assertThat(plan.transition()).isEmpty();
  }

  @Test
  void itIsInServiceWhenAllInstancesAreReadyAndNotBefore() {
    assertThat(
            decide(view(CREATING, 2, instance(1, ready()), instance(2, STARTING)), Duration.ZERO)
                .transition())
        .isEmpty();
    assertThat(
            decide(view(CREATING, 2, instance(1, ready()), instance(2, ready())), Duration.ZERO)
                .transition())
        .contains(new Transition.ToInService());
  }

  @Test
  void everyVariantMustHaveItsInstances() {
    EndpointView view =
        new EndpointView(
            Samples.endpoint(CREATING),
            List.of(Samples.generation("A", "B")),
            List.of(new VariantCapacity("A", 1, 1), new VariantCapacity("B", 1, 1)),
            List.of(instance(1, "A", ready())));

    EndpointPlan plan = decide(view, Duration.ZERO);

    assertThat(plan.transition()).isEmpty();
    assertThat(plan.launches()).containsExactly(new Launch("B", 1, 1));
  }

  @Test
  void aCreationThatCrashedOnceIsTriedAgain() {
    EndpointPlan plan =
        decide(view(CREATING, 1, instance(1, failed(NOW, Cause.CRASHED, "exit 3"))), Duration.ZERO);

    assertThat(plan.launches()).containsExactly(new Launch("AllTraffic", 1, 1));
  }

  @Test
  void aCreationThatCrashedTwiceFailsWithTheLastReason() {
    EndpointPlan plan =
        decide(
            view(
                CREATING,
                1,
                instance(1, failed(NOW, Cause.CRASHED, "exit 3")),
                instance(
                    2,
                    new InstanceState.Stopping(
                        NOW.plusSeconds(2),
                        Optional.of(new InstanceFailure(Cause.CRASHED, "exit 4"))))),
            Duration.ofSeconds(3));

    assertThat(plan.transition()).contains(new Transition.ToFailed("exit 4"));
    assertThat(plan.launches()).isEmpty();
  }

  @Test
  void aCreationThatUsedItsTimeUpFailsAtOnce() {
    for (Cause cause : List.of(Cause.TOO_SLOW, Cause.REFUSED)) {
      EndpointPlan plan =
          decide(view(CREATING, 1, instance(1, failed(NOW, cause, "why"))), Duration.ZERO);
      assertThat(plan.transition()).contains(new Transition.ToFailed("why"));
    }
  }

  @Test
  void aCreationDoesNotWaitForMemoryForever() {
    EndpointView view = view(CREATING, 1, instance(1, WAITING));

    assertThat(decide(view, LIMITS.capacityTimeout()).transition()).isEmpty();
    assertThat(decide(view, LIMITS.capacityTimeout().plusSeconds(1)).transition())
        .containsInstanceOf(Transition.ToFailed.class)
        .hasToString(
            "Optional[ToFailed[reason=Unable to provision requested ML compute capacity due to"
                + " InsufficientInstanceCapacity error for production variant AllTraffic: no memory."
                + " Please retry using a smaller ML instance type or fewer instances, or after other"
                + " work has given its memory back.]]");
  }

  @Test
  void aDeadInstanceIsReplacedAtOnceAndEverMoreSlowlyWhenItKeepsDying() {
    List<Instance> dead = new ArrayList<>();
    long[] waits = {0, 1, 2, 4, 8, 16, 32, 60, 60};
    for (int deaths = 1; deaths <= waits.length; deaths++) {
      dead.add(instance(deaths, failed(NOW, Cause.CRASHED, "x")));
      EndpointView view = view(IN_SERVICE, 1, dead.toArray(Instance[]::new));
      Duration wait = Duration.ofSeconds(waits[deaths - 1]);
      assertThat(decide(view, wait).launches()).as("%s deaths", deaths).hasSize(1);
      if (!wait.isZero()) {
        assertThat(decide(view, wait.minusMillis(1)).launches()).as("%s deaths", deaths).isEmpty();
      }
    }
  }

  @Test
  void aDeathIsForgottenAfterAWhile() {
    EndpointView view = view(IN_SERVICE, 0, instance(1, failed(NOW, Cause.CRASHED, "x")));

    assertThat(decide(view, LIMITS.failureWindow()).forgotten()).isEmpty();
    assertThat(decide(view, LIMITS.failureWindow().plusMillis(1)).forgotten()).hasSize(1);
  }

  @Test
  void anEndpointInServiceStaysSoWhileItsInstancesDie() {
    EndpointPlan plan =
        decide(
            view(
                IN_SERVICE,
                2,
                instance(1, failed(NOW, Cause.CRASHED, "x")),
                instance(2, failed(NOW, Cause.CRASHED, "x")),
                instance(3, ready())),
            Duration.ofMinutes(1));

    assertThat(plan.transition()).isEmpty();
    assertThat(plan.launches()).containsExactly(new Launch("AllTraffic", 1, 1));
    assertThat(plan.unwanted()).isEmpty();
  }

  @Test
  void whatIsTooManyGoesBeginningWithWhatIsLeastUseful() {
    Instance serving = instance(1, ready());
    Instance starting = instance(2, STARTING);
    Instance waiting = instance(3, WAITING);

    assertThat(decide(view(IN_SERVICE, 2, serving, starting, waiting), Duration.ZERO).unwanted())
        .containsExactly(waiting.id());
    assertThat(decide(view(IN_SERVICE, 1, serving, starting, waiting), Duration.ZERO).unwanted())
        .containsExactlyInAnyOrder(starting.id(), waiting.id());
  }

  @Test
  void instancesOfAnotherGenerationGiveWay() {
    Instance now = instance(1, ready());
    Instance old =
        new Instance(now.id() + "0", "AllTraffic", 0, now.group(), ready(), 1, NOW.minusSeconds(9));

    EndpointPlan plan = decide(view(IN_SERVICE, 1, old, now), Duration.ZERO);

    assertThat(plan.unwanted()).containsExactly(old.id());
  }

  @Test
  void aDeletedEndpointVanishesWhenNothingIsLeft() {
    EndpointPlan waiting =
        decide(
            view(
                DELETING,
                2,
                instance(1, new InstanceState.Stopping(NOW, Optional.empty())),
                instance(2, failed(NOW, Cause.CRASHED, "x"))),
            Duration.ZERO);
    assertThat(waiting.transition()).isEmpty();
    assertThat(waiting.launches()).isEmpty();

    assertThat(decide(view(DELETING, 2), Duration.ZERO).transition())
        .contains(new Transition.Vanish());
  }

  @Test
  void aFailedEndpointKeepsNoInstances() {
    EndpointPlan plan =
        decide(view(FAILED, 2, instance(1, ready()), instance(2, WAITING)), Duration.ZERO);

    assertThat(plan.unwanted()).hasSize(2);
    assertThat(plan.launches()).isEmpty();
    assertThat(plan.transition()).isEmpty();
  }

  @Property
  void neverMoreThanWanted(
      @ForAll("endpointStates") EndpointState state,
      @ForAll("instances") List<InstanceState> states,
      @ForAll @IntRange(max = 6) int desired,
      @ForAll @IntRange(max = 7200) int seconds) {
    EndpointView view = view(state, desired, instances(states));
    EndpointPlan plan = decide(view, Duration.ofSeconds(seconds));
    long kept =
        view.instances().stream()
            .filter(instance -> instance.state().counts())
            .filter(instance -> !plan.unwanted().contains(instance.id()))
            .count();
    int launched = plan.launches().stream().mapToInt(Launch::count).sum();

    // A creation that fails takes its instances down in the pass that follows.
    if (!(plan.transition().orElse(null) instanceof Transition.ToFailed)) {
      assertThat(kept + launched).isLessThanOrEqualTo(desired);
    }
  }

  @Property
  void endsStayEnds(
      @ForAll("instances") List<InstanceState> states,
      @ForAll @IntRange(max = 6) int desired,
      @ForAll @IntRange(max = 7200) int seconds) {
    for (EndpointState state : List.of(FAILED, DELETING)) {
      EndpointPlan plan =
          decide(view(state, desired, instances(states)), Duration.ofSeconds(seconds));
      assertThat(plan.launches()).isEmpty();
      assertThat(plan.transition().filter(next -> !(next instanceof Transition.Vanish))).isEmpty();
      assertThat(state.equals(FAILED) && plan.transition().isPresent()).isFalse();
    }
  }

  @Property
  void noTrafficGoesToWhatIsNotReady(
      @ForAll("endpointStates") EndpointState state,
      @ForAll("instances") List<InstanceState> states) {
    EndpointView view = view(state, 3, instances(states));
    switch (EndpointRoutes.of(view, 1, _ -> true)) {
      case EndpointRoute.Closed _ -> assertThat(state).isNotEqualTo(IN_SERVICE);
      case EndpointRoute.Serving serving -> {
        assertThat(state).isEqualTo(IN_SERVICE);
        assertThat(serving.variants().getFirst().instances())
            .hasSize(view.readyCount("AllTraffic"));
      }
    }
  }

  @Provide
  Arbitrary<EndpointState> endpointStates() {
    return Arbitraries.of(CREATING, IN_SERVICE, DELETING, FAILED);
  }

  @Provide
  Arbitrary<List<InstanceState>> instances() {
    return Arbitraries.of(
            WAITING,
            STARTING,
            ready(),
            new InstanceState.Draining(NOW, Optional.empty()),
            new InstanceState.Stopping(NOW, Optional.empty()),
            failed(NOW, Cause.CRASHED, "x"))
        .list()
        .ofMaxSize(8);
  }

  private static Instance[] instances(List<InstanceState> states) {
    Instance[] instances = new Instance[states.size()];
    for (int i = 0; i < instances.length; i++) {
      instances[i] = instance(i, states.get(i));
    }
    return instances;
  }

  private static EndpointPlan decide(EndpointView view, Duration later) {
    return EndpointDecider.decide(view, LIMITS, NOW.plus(later));
  }
}
