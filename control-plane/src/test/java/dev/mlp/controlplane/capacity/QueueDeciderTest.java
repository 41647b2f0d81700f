package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.GroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class QueueDeciderTest {
  private static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");
  private static final Optional<Duration> NO_END = Optional.empty();

  private static Machine machine(long memory, int gpus) {
    return new Machine(
        memory,
        4,
        IntStream.range(0, gpus).mapToObj(i -> new Gpu("GPU-" + i, OptionalLong.empty())).toList());
  }

  private static Reservation waiting(
      String group, long memory, int gpus, Optional<Duration> longest) {
    return new Reservation(new GroupId(group), memory, gpus, longest, Optional.empty());
  }

  private static Optional<Duration> minutes(long minutes) {
    return Optional.of(Duration.ofMinutes(minutes));
  }

  private static Instant at(long minutes) {
    return T0.plus(Duration.ofMinutes(minutes));
  }

  private static List<String> granted(Machine machine, long minute, Reservation... inOrder) {
    return QueueDecider.decide(machine, List.of(inOrder), at(minute)).stream()
        .map(one -> one.group().value())
        .toList();
  }

  @Test
  void aShortJobFillsTheGapBeforeALargeOne() {
    Machine machine = machine(100, 0);
    Reservation running = waiting("running", 70, 0, minutes(60)).granted(at(0), List.of());
    Reservation head = waiting("head", 80, 0, minutes(10));
    assertThat(granted(machine, 20, running, head, waiting("short", 30, 0, minutes(40))))
        .containsExactly("short");
    assertThat(granted(machine, 20, running, head, waiting("late", 30, 0, minutes(41)))).isEmpty();
    assertThat(granted(machine, 20, running, head, waiting("endless", 30, 0, NO_END))).isEmpty();
    assertThat(granted(machine, 20, running, head, waiting("large", 31, 0, minutes(1)))).isEmpty();
  }

  @Test
  void nobodyOvertakesWhileTheHeadMayStartAtAnyMoment() {
    Reservation overdue = waiting("overdue", 70, 0, minutes(60)).granted(at(0), List.of());
    assertThat(
            granted(
                machine(100, 0),
                61,
                overdue,
                waiting("head", 80, 0, minutes(10)),
                waiting("short", 30, 0, minutes(1))))
        .isEmpty();
  }

  @Test
  void theHeadStartsWhenEnoughHaveEndedAndNotWhenTheFirstHas() {
    Reservation first = waiting("first", 30, 0, minutes(10)).granted(at(0), List.of());
    Reservation second = waiting("second", 30, 0, minutes(50)).granted(at(0), List.of());
    assertThat(
            granted(
                machine(100, 0),
                0,
                second,
                first,
                waiting("head", 90, 0, minutes(10)),
                waiting("short", 40, 0, minutes(50)),
                waiting("none-left", 1, 0, minutes(51))))
        .containsExactly("short");
  }

  @Test
  void whereTheHeadWaitsForAnEndpointWhateverEndsMayPass() {
    Reservation endpoint = waiting("endpoint", 50, 0, NO_END).granted(at(0), List.of());
    assertThat(
            granted(
                machine(100, 0),
                5,
                endpoint,
                waiting("head", 80, 0, minutes(10)),
                waiting("job", 30, 0, minutes(6000)),
                waiting("other-endpoint", 5, 0, NO_END)))
        .containsExactly("job");
  }

  @Test
  void gpusCountAsMemoryDoes() {
    Machine machine = machine(100, 2);
    Reservation training = waiting("training", 10, 2, minutes(60)).granted(at(0), ids(0, 2));
    assertThat(
            granted(
                machine,
                0,
                training,
                waiting("head", 10, 1, minutes(10)),
                waiting("no-gpu", 10, 0, minutes(60)),
                waiting("one-gpu", 10, 1, minutes(60)),
                waiting("too-long", 10, 0, minutes(61))))
        .containsExactly("no-gpu");
  }

  @Test
  void aGpuThatHasGoneAwayIsNeitherGivenOutNorExpectedBack() {
    Reservation holder = waiting("holder", 10, 1, minutes(5)).granted(at(0), List.of("GPU-gone"));
    Machine machine = machine(100, 1);
    assertThat(QueueDecider.decide(machine, List.of(holder, waiting("a", 1, 1, NO_END)), at(0)))
        .extracting(one -> one.grant().orElseThrow().gpuIds())
        .containsExactly(List.of("GPU-0"));
    // The head can never have two: what ends may pass, though the holder is about to end.
    assertThat(
            granted(
                machine,
                0,
                holder,
                waiting("head", 1, 2, minutes(1)),
                waiting("long", 1, 0, minutes(600))))
        .containsExactly("long");
  }

  @Test
  void aMachineThatHasBecomeSmallerGrantsNothingUntilEnoughIsFree() {
    Reservation large = waiting("large", 150, 0, minutes(60)).granted(at(0), List.of());
    assertThat(granted(machine(100, 0), 1, large, waiting("a", 1, 0, minutes(1)))).isEmpty();
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "GPU-" + i).toList();
  }

  // Properties, told as whole days of a machine.

  /**
   * @param arrives minutes after the one before it
   * @param takes minutes; at most {@code longest}
   * @param longest minutes; 0 for no bound
   */
  record Job(int memory, int gpus, int arrives, int takes, int longest) {
    Optional<Duration> bound() {
      return longest == 0 ? NO_END : minutes(longest);
    }
  }

  @Provide
  Arbitrary<List<Job>> days() {
    Arbitrary<Job> bounded =
        Combinators.combine(
                Arbitraries.integers().between(1, 100),
                Arbitraries.integers().between(0, 4),
                Arbitraries.integers().between(0, 20),
                Arbitraries.integers().between(1, 120),
                Arbitraries.integers().between(0, 60))
            .as((memory, gpus, arrives, takes, spare) ->
                new Job(memory, gpus, arrives, takes, takes + spare));
    Arbitrary<Job> endless =
        bounded.map(job -> new Job(job.memory(), job.gpus(), job.arrives(), job.takes(), 0));
    return Arbitraries.frequencyOf(Tuple.of(6, bounded), Tuple.of(1, endless))
        .list()
        .ofMinSize(1)
        .ofMaxSize(30);
  }

  /** What happened to everyone, minute by minute. */
  private static final class Day {
    private final Machine machine = machine(100, 4);
    private final List<Job> jobs;
    private final List<Reservation> inOrder = new ArrayList<>();
    private final Map<GroupId, Integer> ends = new HashMap<>();
    private final List<String> started = new ArrayList<>();
    private final Map<GroupId, Long> promised = new HashMap<>();

    Day(List<Job> jobs) {
      this.jobs = jobs;
    }

    void run() {
      int next = 0;
      int arrival = jobs.getFirst().arrives();
      for (int minute = 0; next < jobs.size() || !inOrder.isEmpty(); minute++) {
        int now = minute;
        boolean changed = inOrder.removeIf(one -> ends.getOrDefault(one.group(), -1) == now);
        while (next < jobs.size() && arrival <= minute) {
          Job job = jobs.get(next);
          inOrder.add(waiting("j" + next, job.memory(), job.gpus(), job.bound()));
          next++;
          arrival = next < jobs.size() ? minute + jobs.get(next).arrives() : arrival;
          // As in the books: whatever changes is settled at once.
          settle(minute);
        }
        if (changed) {
          settle(minute);
        }
      }
    }

    private void settle(int minute) {
      for (Reservation start : QueueDecider.decide(machine, inOrder, at(minute))) {
        int index = Integer.parseInt(start.group().value().substring(1));
        inOrder.replaceAll(one -> one.group().equals(start.group()) ? start : one);
        ends.put(start.group(), minute + jobs.get(index).takes());
        started.add(start.group().value());
        Long promise = promised.get(start.group());
        if (promise != null) {
          assertThat((long) minute).as("the start of %s", start).isLessThanOrEqualTo(promise);
        }
      }
      assertWithinTheMachine();
      promise(minute);
      assertThat(QueueDecider.decide(machine, inOrder, at(minute))).as("settled").isEmpty();
    }

    private void assertWithinTheMachine() {
      List<String> gpus = new ArrayList<>();
      long memory = 0;
      for (Reservation one : inOrder) {
        if (one.grant().isPresent()) {
          assertThat(one.grant().get().gpuIds()).hasSize(one.gpus());
          gpus.addAll(one.grant().get().gpuIds());
          memory += one.memoryMebibytes();
        }
      }
      assertThat(memory).isLessThanOrEqualTo(machine.memoryMebibytes());
      assertThat(gpus).doesNotHaveDuplicates().isSubsetOf(ids(0, 4));
    }

    /**
     * The head's start as it is first known, found minute by minute and not as the decider does.
     */
    private void promise(int now) {
      Optional<Reservation> head =
          inOrder.stream().filter(one -> one.grant().isEmpty()).findFirst();
      if (head.isEmpty() || promised.containsKey(head.get().group())) {
        return;
      }
      for (long minute = now; minute <= now + 200; minute++) {
        Instant then = at(minute);
        List<Reservation> left =
            inOrder.stream()
                .filter(one -> one.grant().isPresent())
                .filter(one -> one.latestEnd().map(end -> end.isAfter(then)).orElse(true))
                .toList();
        long memory = left.stream().mapToLong(Reservation::memoryMebibytes).sum();
        int gpus = left.stream().mapToInt(Reservation::gpus).sum();
        if (memory + head.get().memoryMebibytes() <= 100 && gpus + head.get().gpus() <= 4) {
          promised.put(head.get().group(), minute);
          return;
        }
      }
    }
  }

  /** Everyone is served, within what there is, and the head never later than was promised. */
  @Property(tries = 300)
  void nobodyDelaysTheHeadAndNothingIsGivenTwice(@ForAll("days") List<Job> jobs) {
    Day day = new Day(jobs);
    day.run();
    assertThat(day.started).hasSameSizeAs(jobs).doesNotHaveDuplicates();
  }

  /** Without bounds there are no gaps to fill: strictly in order. */
  @Property(tries = 100)
  void withoutBoundsEveryoneIsServedInOrder(@ForAll("days") List<Job> jobs) {
    Day day =
        new Day(
            jobs.stream()
                .map(job -> new Job(job.memory(), job.gpus(), job.arrives(), job.takes(), 0))
                .toList());
    day.run();
    assertThat(day.started)
        .isSortedAccordingTo(Comparator.comparingInt(name -> Integer.parseInt(name.substring(1))));
  }

  /** Equal jobs start in the order in which they came, whatever their bounds. */
  @Property(tries = 100)
  void equalJobsNeverOvertakeEachOther(@ForAll("days") List<Job> jobs) {
    Day day =
        new Day(
            jobs.stream()
                .map(job -> new Job(30, 1, job.arrives(), job.takes(), job.longest()))
                .toList());
    day.run();
    assertThat(day.started)
        .isSortedAccordingTo(Comparator.comparingInt(name -> Integer.parseInt(name.substring(1))));
  }
}
