package dev.mlp.controlplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SecondRingTest {
  @Property(tries = 300)
  void holdsWhatCameInInAnyOrderWithinItsReach(
      @ForAll @Size(max = 300)
          List<@IntRange(min = 0, max = SecondRing.SECONDS + 2000) Integer> seconds) {
    SecondRing ring = new SecondRing();
    Map<Long, List<Double>> expected = new TreeMap<>();
    long newest = Long.MIN_VALUE;
    for (int i = 0; i < seconds.size(); i++) {
      long second = seconds.get(i);
      double value = i;
      ring.add(second, value, 2);
      newest = Math.max(newest, second);
      List<Double> one = List.of(2.0, 2 * value, value, value);
      // What was out of reach when it came is not kept, even where it comes again.
      if (second > newest - SecondRing.SECONDS) {
        expected.merge(
            second,
            one,
            (a, b) ->
                List.of(
                    a.get(0) + b.get(0),
                    a.get(1) + b.get(1),
                    Math.min(a.get(2), b.get(2)),
                    Math.max(a.get(3), b.get(3))));
      }
      long oldest = newest - SecondRing.SECONDS;
      expected.keySet().removeIf(each -> each <= oldest);
    }
    assertThat(all(ring)).isEqualTo(expected);
  }

  @Test
  void takesNoMoreMemoryWhenItGoesOnAndOn() {
    SecondRing ring = new SecondRing();
    for (long second = 0; second < 5L * SecondRing.SECONDS; second++) {
      ring.add(second, 1, 1);
    }
    assertThat(all(ring)).hasSize(SecondRing.SECONDS);
    assertThat(ring.capacity()).isLessThanOrEqualTo(4 * SecondRing.SECONDS);
    ring.clear();
    assertThat(all(ring)).isEmpty();
    assertThat(ring.capacity()).isLessThan(100);
    ring.add(7, 1, 1);
    assertThat(all(ring)).containsOnlyKeys(7L);
  }

  @Test
  void givesTheSecondsThatAreAskedFor() {
    SecondRing ring = new SecondRing();
    for (int second = 10; second < 20; second++) {
      ring.add(second, second, 1);
    }
    Map<Long, Double> some = new TreeMap<>();
    ring.visit(12, 15, (second, _, sum, _, _) -> some.put(second, sum));
    assertThat(some).isEqualTo(Map.of(12L, 12.0, 13L, 13.0, 14L, 14.0));
    ring.forget(17);
    assertThat(all(ring)).containsOnlyKeys(18L, 19L);
  }

  private static Map<Long, List<Double>> all(SecondRing ring) {
    Map<Long, List<Double>> all = new TreeMap<>();
    ring.visit(
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        (second, count, sum, min, max) -> all.put(second, List.of(count, sum, min, max)));
    return all;
  }
}
