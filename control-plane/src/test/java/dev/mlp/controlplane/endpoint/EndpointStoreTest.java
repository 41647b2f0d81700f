package dev.mlp.controlplane.endpoint;

import static dev.mlp.controlplane.endpoint.Samples.KEY;
import static dev.mlp.controlplane.endpoint.Samples.NOW;
import static dev.mlp.controlplane.endpoint.Samples.failed;
import static dev.mlp.controlplane.endpoint.Samples.instance;
import static dev.mlp.controlplane.endpoint.Samples.ready;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.invocation.EndpointKey;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointStoreTest {
  private static final EndpointKey ELSEWHERE =
      new EndpointKey(new Tenant("123456789012", "eu-west-1"), "titanic");

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final EndpointStore store = new EndpointStore(database.jdbi());

  @AfterEach
  void nothingLeaks() {
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  @Test
  void whatIsStoredIsReadAgain() {
    Endpoint endpoint = create(KEY);

    EndpointView view = store.load(KEY).orElseThrow();

    assertThat(view.endpoint()).isEqualTo(endpoint);
    assertThat(view.generations()).containsExactly(Samples.generation("A", "B"));
    assertThat(view.capacities())
        .containsExactly(new VariantCapacity("A", 1, 0.25), new VariantCapacity("B", 2, 1));
    assertThat(view.instances()).isEmpty();
    assertThat(store.load(ELSEWHERE)).isEmpty();
  }

  @Test
  void everyStateIsReadAsItWasWritten() {
    Endpoint endpoint = create(KEY);
    for (EndpointState state :
        List.of(
            new EndpointState.InService(NOW),
            new EndpointState.Failed(NOW, "line\n\"quoted\" …"),
            new EndpointState.Deleting(NOW))) {
      assertThat(store.update(endpoint, state, NOW.plusSeconds(1))).isTrue();
      endpoint = store.find(KEY).orElseThrow();
      assertThat(endpoint.state()).isEqualTo(state);
      assertThat(endpoint.modifiedAt()).isEqualTo(NOW.plusSeconds(1));
    }
    InstanceFailure failure = new InstanceFailure(InstanceFailure.Cause.TOO_SLOW, "why");
    List<InstanceState> states =
        List.of(
            new InstanceState.Waiting(NOW, "no memory"),
            new InstanceState.Starting(NOW),
            ready(),
            new InstanceState.Draining(NOW, Optional.empty()),
            new InstanceState.Draining(NOW, Optional.of(failure)),
            new InstanceState.Stopping(NOW, Optional.empty()),
            new InstanceState.Stopping(NOW, Optional.of(failure)),
            new InstanceState.Failed(NOW, failure));
    for (int i = 0; i < states.size(); i++) {
      assertThat(store.insert(endpoint, instance(i, states.get(i)))).isTrue();
    }
    assertThat(store.load(KEY).orElseThrow().instances())
        .extracting(Instance::state)
        .containsExactlyElementsOf(states);
  }

  @Test
  void aNameIsTakenOncePerTenant() {
    Endpoint endpoint = create(KEY);

    assertThat(store.insert(endpoint, "{}", Samples.generation("A"), List.of())).isFalse();
    create(ELSEWHERE);
    assertThat(store.all()).containsExactlyInAnyOrder(KEY, ELSEWHERE);
  }

  @Test
  void whatWasDecidedOnAnOldRowIsDropped() {
    Endpoint read = create(KEY);
    assertThat(store.update(read, new EndpointState.Deleting(NOW), NOW)).isTrue();

    assertThat(store.update(read, new EndpointState.InService(NOW), NOW)).isFalse();
    assertThat(store.insert(read, instance(1, ready()))).isFalse();
    assertThat(store.vanish(read)).isFalse();
    assertThat(store.find(KEY).orElseThrow().state()).isInstanceOf(EndpointState.Deleting.class);

    Endpoint now = store.find(KEY).orElseThrow();
    Instance instance = instance(1, new InstanceState.Starting(NOW));
    assertThat(store.insert(now, instance)).isTrue();
    assertThat(store.update(KEY, instance, ready())).isTrue();
    assertThat(store.update(KEY, instance, new InstanceState.Stopping(NOW, Optional.empty())))
        .isFalse();
  }

  @Test
  void onlyEndpointsWithSomethingOnTheWayAreUnsettled() {
    Endpoint endpoint = create(KEY);
    assertThat(store.unsettled()).containsExactly(KEY);
    store.update(endpoint, new EndpointState.InService(NOW), NOW);
    endpoint = store.find(KEY).orElseThrow();
    store.insert(endpoint, instance(1, ready()));
    assertThat(store.unsettled()).isEmpty();
    store.insert(endpoint, instance(2, failed(NOW, InstanceFailure.Cause.CRASHED, "x")));
    assertThat(store.unsettled()).containsExactly(KEY);
  }

  @Test
  void nothingIsLeftOfWhatVanishes() {
    Endpoint endpoint = create(KEY);
    create(ELSEWHERE);
    store.insert(endpoint, instance(1, ready()));
    assertThat(store.groups()).hasSize(1);

    assertThat(store.vanish(endpoint)).isTrue();

    assertThat(store.groups()).isEmpty();
    assertThat(store.all()).containsExactly(ELSEWHERE);
    create(KEY);
    assertThat(store.load(KEY).orElseThrow().instances()).isEmpty();
  }

  private Endpoint create(EndpointKey key) {
    Endpoint endpoint = new Endpoint(key, 1, new EndpointState.Creating(NOW), 1, NOW, NOW);
    assertThat(
            store.insert(
                endpoint,
                "{}",
                Samples.generation("A", "B"),
                List.of(new VariantCapacity("A", 1, 0.25), new VariantCapacity("B", 2, 1))))
        .isTrue();
    return endpoint;
  }
}
