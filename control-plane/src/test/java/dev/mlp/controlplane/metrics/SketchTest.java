package dev.mlp.controlplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SketchTest {
  @Property(tries = 300)
  void everyQuantileIsWithinOnePerCentOfTheValueAtItsRank(
      @ForAll @Size(min = 1, max = 200)
          List<@DoubleRange(min = -1e6, max = 1e6) @Scale(6) Double> values,
      @ForAll @DoubleRange(min = 0, max = 1) double share) {
    Sketch sketch = of(values);
    double exact = atRank(values, share);
    assertThat(sketch.count()).isEqualTo(values.size());
    assertThat(sketch.quantile(share)).isCloseTo(exact, within(Math.abs(exact) * 0.0101 + 1e-11));
  }

  @Property(tries = 100)
  void aMergeIsTheSketchOfAllValues(
      @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -1e3, max = 1e9) Double> some,
      @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -1e3, max = 1e9) Double> others) {
    Sketch merged = of(some);
    merged.merge(of(others));
    Sketch whole = of(some);
    others.forEach(value -> whole.add(value, 1));
    for (double share : new double[] {0, 0.1, 0.5, 0.9, 0.99, 1}) {
      assertThat(merged.quantile(share)).isEqualTo(whole.quantile(share));
    }
  }

  @Property(tries = 100)
  void comesBackFromItsBytes(
      @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -1e12, max = 1e12) Double> values) {
    Sketch sketch = of(values);
    Sketch back = Sketch.decode(sketch.encode());
    assertThat(back.count()).isEqualTo(sketch.count());
    assertThat(back.quantile(0.5)).isEqualTo(sketch.quantile(0.5));
    assertThat(back.encode()).isEqualTo(sketch.encode());
  }

  @Test
  void weightsCountAsSoManyValues() {
    Sketch sketch = new Sketch();
    sketch.add(1, 99);
    sketch.add(1000, 1);
    assertThat(sketch.quantile(0.98)).isCloseTo(1, within(0.01));
    assertThat(sketch.quantile(1)).isCloseTo(1000, within(10.0));
  }

  @Test
  void keepsToItsSizeAndGivesUpTheSmallestMagnitudesFirst() {
    Sketch sketch = new Sketch();
    for (int bin = 0; bin < 3 * Sketch.MAX_BINS; bin++) {
      sketch.add(1e-11 * Math.pow(1.0203, bin), 1);
    }
    double largest = 1e-11 * Math.pow(1.0203, 3 * Sketch.MAX_BINS - 1);
    assertThat(sketch.encode().length).isLessThan(32_768);
    assertThat(sketch.count()).isEqualTo(3 * Sketch.MAX_BINS);
    assertThat(sketch.quantile(1)).isCloseTo(largest, within(largest * 0.0101));
    assertThat(Sketch.decode(sketch.encode()).count()).isEqualTo(sketch.count());
  }

  @Test
  void takesTheGreatestAndTheSmallestNumbersThatThereAre() {
    Sketch sketch = new Sketch();
    sketch.add(Double.MAX_VALUE, 1);
    sketch.add(-Double.MAX_VALUE, 1);
    sketch.add(Double.MIN_VALUE, 1);
    assertThat(sketch.quantile(0.5)).isZero();
    assertThat(sketch.quantile(0)).isNegative();
    assertThat(sketch.quantile(1)).isPositive();
  }

  @Test
  void hasNoQuantileOfNothing() {
    assertThatThrownBy(() -> new Sketch().quantile(0.5)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Sketch.decode(new byte[] {9}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Sketch of(List<Double> values) {
    Sketch sketch = new Sketch();
    values.forEach(value -> sketch.add(value, 1));
    return sketch;
  }

  private static double atRank(List<Double> values, double share) {
    return values.stream().sorted().toList().get((int) Math.floor(share * (values.size() - 1)));
  }
}
