package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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

  private Capacity machine(long total, String... gpus) {
    return new MachineCapacity(
        new CapacityStore(database.jdbi()),
        new Machine(
            total, 2, Stream.of(gpus).map(id -> new Gpu(id, OptionalLong.of(81_559))).toList()));
  }

  @Test
  void grantsWhatIsFreeAndSaysWhyTheNextWaits() {
    assertThat(reserve("a", 900)).isEqualTo(new Capacity.Answer.Granted(900, List.of(List.of())));
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
    release("a");
    assertThat(reserve("b", 200)).isInstanceOf(Capacity.Answer.Granted.class);
  }

  @Test
  void aReleasedPlaceInTheQueueHoldsNobodyUp() {
    reserve("a", 900);
    reserve("b", 200);
    reserve("c", 100);
    release("b");
    assertThat(reserve("c", 100)).isInstanceOf(Capacity.Answer.Granted.class);
  }

  @Test
  void refusesWhatCouldNeverBeGranted() {
    assertThatThrownBy(() -> reserve("a", 1001))
        .hasMessage("instance group a asks for 1,001 MiB: expected 1,000 MiB at most");
    assertThatThrownBy(() -> reserve("a", 2, 1, 1))
        .hasMessage("instance group a asks for 2 MiB and 2 GPUs: expected 1,000 MiB at most");
  }

  @Test
  void aWaitingGroupIsFittedAnewToASmallerMachine() {
    reserve("a", 900);
    reserve("b", 1000);
    capacity = machine(500);
    release("a");
    assertThat(reserve("b", 500)).isInstanceOf(Capacity.Answer.Granted.class);
    assertThat(reserve("c", 1)).isInstanceOf(Capacity.Answer.Waiting.class);
  }

  @Test
  void givesEveryHostGpusOfItsOwnAndNoGpuTwice() {
    capacity = machine(1000, "GPU-0", "GPU-1", "GPU-2", "GPU-3");
    assertThat(reserve("a", 1, 10, 1)).isEqualTo(granted(10, "GPU-0"));
    assertThat(reserve("b", 2, 10, 1)).isEqualTo(granted(10, "GPU-1", "GPU-2"));
    assertThat(reserve("c", 1, 20, 2))
        .isEqualTo(
            new Capacity.Answer.Waiting(
                "waiting for 20 MiB and 2 GPUs: 970 of 1,000 MiB and 1 of 4 GPUs are free"));
    release("a");
    assertThat(reserve("c", 1, 20, 2)).isEqualTo(granted(20, "GPU-0 GPU-3"));
    assertThat(reserve("b", 2, 10, 1)).isEqualTo(granted(10, "GPU-1", "GPU-2"));
  }

  @Test
  void gpusStayWithTheirGroupOverARestartAndOneThatHasGoneIsNotGivenOut() {
    capacity = machine(1000, "GPU-0", "GPU-1");
    reserve("a", 1, 10, 1);
    reserve("b", 1, 10, 1);
    capacity = machine(1000, "GPU-1", "GPU-2");
    assertThat(reserve("a", 1, 10, 1)).isEqualTo(granted(10, "GPU-0"));
    assertThat(reserve("c", 1, 10, 1)).isEqualTo(granted(10, "GPU-2"));
    release("a");
    assertThat(reserve("d", 1, 10, 1))
        .isEqualTo(
            new Capacity.Answer.Waiting(
                "waiting for 10 MiB and 1 GPU: 980 of 1,000 MiB and 0 of 2 GPUs are free"));
    release("b");
    assertThat(reserve("d", 1, 10, 1)).isEqualTo(granted(10, "GPU-1"));
  }

  @Test
  void aReleaseGrantsWhoeverIsNextAndTellsThem() {
    List<String> told = new ArrayList<>();
    capacity.onGrant(group -> told.add(group.value()));
    reserve("a", 900);
    reserve("b", 500);
    reserve("c", 500);
    reserve("d", 500);
    assertThat(told).isEmpty();
    release("a");
    assertThat(told).containsExactly("b", "c");
    assertThat(capacity.summary()).isEqualTo(new CapacitySummary(1000, 1000, 2, 0, 0, 2, 1));
    release("b");
    assertThat(told).containsExactly("b", "c", "d");
  }

  @Test
  void aLargerMachineServesThoseThatWaitWhenTheyAsk() {
    reserve("a", 900);
    reserve("b", 500);
    capacity = machine(2000);
    assertThat(reserve("b", 500)).isInstanceOf(Capacity.Answer.Granted.class);
  }

  @Test
  void summarizesTheMachine() {
    capacity = machine(1000, "GPU-0", "GPU-1", "GPU-2");
    reserve("a", 2, 100, 1);
    reserve("b", 1, 900, 0);
    assertThat(capacity.summary()).isEqualTo(new CapacitySummary(1000, 200, 2, 3, 2, 1, 1));
  }

  @Test
  void knowsReservationsFromBeforeThereWereGpusAndBounds() {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                INSERT INTO capacity_reservation
                  (group_id, ticket, memory_mebibytes, requested_at, granted_at)
                VALUES ('a', 0, 800, ?, ?)
                """,
                NOW.atOffset(ZoneOffset.UTC),
                NOW.atOffset(ZoneOffset.UTC)));
    assertThat(
            capacity.reserve(
                new GroupId("a"), new Demand(2, 300, 0, Optional.of(Duration.ofHours(1))), NOW))
        .isEqualTo(new Capacity.Answer.Granted(400, List.of(List.of(), List.of())));
    assertThat(reserve("b", 300)).isInstanceOf(Capacity.Answer.Waiting.class);
  }

  @Test
  void askingAgainLocksNobody() {
    reserve("a", 900);
    reserve("b", 200);
    new CapacityStore(database.jdbi())
        .exclusively(_ -> {
          // Whoever asked for the lock here would wait for itself.
          assertThat(reserve("a", 900)).isInstanceOf(Capacity.Answer.Granted.class);
          assertThat(reserve("b", 200)).isInstanceOf(Capacity.Answer.Waiting.class);
          return 0;
        });
  }

  /** Each host's GPUs, with blanks between them. */
  private static Capacity.Answer granted(long memory, String... gpus) {
    return new Capacity.Answer.Granted(
        memory, Stream.of(gpus).map(ids -> List.of(ids.split(" ", -1))).toList());
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
    release(name);
    granted.remove(name);
  }

  private Capacity.Answer reserve(String group, long memory) {
    return capacity.reserve(new GroupId(group), Demand.ofMemory(memory), NOW);
  }

  private Capacity.Answer reserve(String group, int instances, long memory, int gpus) {
    return capacity.reserve(
        new GroupId(group), new Demand(instances, memory, gpus, Optional.empty()), NOW);
  }

  private void release(String group) {
    capacity.release(new GroupId(group), NOW);
  }
}
