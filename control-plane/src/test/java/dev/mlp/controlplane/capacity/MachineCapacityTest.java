package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.database.Database;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MachineCapacityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private Database database;
  private Capacity capacity;

  @BeforeEach
  @BeforeProperty
  void open() {
    database = Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    capacity = machine(1000);
  }

  @AfterEach
  @AfterProperty
  void close() {
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  private Capacity machine(long total) {
    return new MachineCapacity(new CapacityStore(database.jdbi()), total);
  }

  @Test
  void grantsWhatIsFreeAndSaysWhyTheNextWaits() {
    assertThat(reserve("a", 900)).isEqualTo(new Capacity.Answer.Granted());
    assertThat(reserve("b", 200))
        .isEqualTo(new Capacity.Answer.Waiting("waiting for 200 MiB: 100 of 1,000 MiB are free"));
    assertThat(reserve("c", 50))
        .isEqualTo(
            new Capacity.Answer.Waiting(
                "waiting for 50 MiB: 100 of 1,000 MiB are free; 1 is waiting before it"));
    assertThat(reserve("d", 50))
        .isEqualTo(
            new Capacity.Answer.Waiting(
                "waiting for 50 MiB: 100 of 1,000 MiB are free; 2 are waiting before it"));
  }

  @Test
  void answersTheSameWhenAskedAgainAlsoAfterARestart() {
    reserve("a", 900);
    reserve("b", 200);
    capacity = machine(1000);
    assertThat(reserve("a", 900)).isInstanceOf(Capacity.Answer.Granted.class);
    assertThat(reserve("b", 200)).isInstanceOf(Capacity.Answer.Waiting.class);
    capacity.release(new GroupId("a"));
    assertThat(reserve("b", 200)).isInstanceOf(Capacity.Answer.Granted.class);
  }

  @Test
  void aReleasedPlaceInTheQueueHoldsNobodyUp() {
    reserve("a", 900);
    reserve("b", 200);
    reserve("c", 100);
    capacity.release(new GroupId("b"));
    assertThat(reserve("c", 100)).isInstanceOf(Capacity.Answer.Granted.class);
  }

  @Test
  void refusesWhatCouldNeverBeGranted() {
    assertThatThrownBy(() -> reserve("a", 1001))
        .hasMessage("instance group a asks for 1,001 MiB: expected 1 to 1,000");
    assertThat(capacity.largestMebibytes()).isEqualTo(1000);
  }

  @Test
  void aWaitingGroupIsFittedAnewToASmallerMachine() {
    reserve("a", 900);
    reserve("b", 1000);
    capacity = machine(500);
    capacity.release(new GroupId("a"));
    assertThat(reserve("b", 500)).isInstanceOf(Capacity.Answer.Granted.class);
    assertThat(reserve("c", 1)).isInstanceOf(Capacity.Answer.Waiting.class);
  }

  @Test
  void concurrentRequestsNeverOvercommit() throws Exception {
    List<Future<Capacity.Answer>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        String name = "g" + i;
        answers.add(threads.submit(() -> reserve(name, 100)));
      }
    }
    int granted = 0;
    for (Future<Capacity.Answer> answer : answers) {
      granted += answer.get() instanceof Capacity.Answer.Granted ? 1 : 0;
    }
    assertThat(granted).isEqualTo(10);
  }

  /** Whatever is asked for and given back: never too much, in order, and everyone's turn comes. */
  @Property(tries = 30)
  void servesEveryoneInOrderWithinWhatThereIs(
      @ForAll @Size(min = 1, max = 25) List<@IntRange(min = 1, max = 1000) Integer> sizes,
      @ForAll @Size(min = 1, max = 25) List<Boolean> releases) {
    String run = UUID.randomUUID().toString().substring(0, 8);
    List<String> grantOrder = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    Map<String, Integer> granted = new HashMap<>();
    Queue<String> waiting = new ArrayDeque<>();
    Map<String, Integer> wanted = new HashMap<>();
    for (int i = 0; i < sizes.size(); i++) {
      String name = run + "-" + i;
      asked.add(name);
      wanted.put(name, sizes.get(i));
      waiting.add(name);
      if (releases.get(i % releases.size()) && !granted.isEmpty()) {
        release(granted.keySet().iterator().next(), granted);
      }
      serve(waiting, wanted, granted, grantOrder);
    }
    while (!waiting.isEmpty()) {
      assertThat(granted).as("someone has what the first one waits for").isNotEmpty();
      release(granted.keySet().iterator().next(), granted);
      serve(waiting, wanted, granted, grantOrder);
    }
    List.copyOf(granted.keySet()).forEach(name -> release(name, granted));
    assertThat(grantOrder).isEqualTo(asked);
  }

  /** Asks for every waiting group, last come first, until nothing changes. */
  private void serve(
      Queue<String> waiting,
      Map<String, Integer> wanted,
      Map<String, Integer> granted,
      List<String> grantOrder) {
    // New groups take their place in order first.
    waiting.forEach(name -> ask(name, wanted, granted, grantOrder));
    boolean changed = true;
    while (changed) {
      changed = waiting.removeIf(granted::containsKey);
      for (String name : new ArrayList<>(waiting).reversed()) {
        ask(name, wanted, granted, grantOrder);
      }
    }
  }

  private void ask(
      String name,
      Map<String, Integer> wanted,
      Map<String, Integer> granted,
      List<String> grantOrder) {
    int size = wanted.getOrDefault(name, 0);
    if (!granted.containsKey(name) && reserve(name, size) instanceof Capacity.Answer.Granted) {
      granted.put(name, size);
      grantOrder.add(name);
      assertThat(granted.values().stream().mapToInt(Integer::intValue).sum())
          .isLessThanOrEqualTo(1000);
    }
  }

  private void release(String name, Map<String, Integer> granted) {
    capacity.release(new GroupId(name));
    granted.remove(name);
  }

  private Capacity.Answer reserve(String group, long memory) {
    return capacity.reserve(new GroupId(group), memory, NOW);
  }
}
