package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.training.job.TrainingFailure;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SplitTest {

  @Property(tries = 200)
  void everyRowIsInOnePartAndEachPartHasBothLabels(
      @ForAll long seed,
      @ForAll @IntRange(min = 40, max = 300) int rows,
      @ForAll @DoubleRange(min = 0.1, max = 0.4) double validation,
      @ForAll @DoubleRange(min = 0.1, max = 0.4) double test,
      @ForAll @IntRange(max = 25) int index) {
    int[] labels = labels(rows);
    Split split = Split.of(labels, validation, test, seed, index);

    assertThat(
            Stream.of(split.train(), split.validation(), split.test())
                .flatMapToInt(Arrays::stream)
                .sorted()
                .toArray())
        .isEqualTo(IntStream.range(0, rows).toArray());
    for (int[] part : new int[][] {split.train(), split.validation(), split.test()}) {
      assertThat(Arrays.stream(part).map(row -> labels[row]).distinct().count()).isEqualTo(2);
    }
  }

  @Test
  void aRoundTestsEveryRowOnce() {
    int[] labels = labels(100);

    int[] tested =
        IntStream.range(0, 5)
            .flatMap(i -> Arrays.stream(Split.of(labels, 0.2, 0.2, 3, i).test()))
            .sorted()
            .toArray();

    assertThat(tested).isEqualTo(IntStream.range(0, 100).toArray());
    assertThat(Split.of(labels, 0.2, 0.2, 3, 5).test())
        .isNotEqualTo(Split.of(labels, 0.2, 0.2, 3, 0).test());
  }

  @Test
  void oneSeedGivesOneSplit() {
    int[] labels = labels(100);

    assertThat(Split.of(labels, 0.2, 0.2, 3, 2).test())
        .isEqualTo(Split.of(labels, 0.2, 0.2, 3, 2).test());
    assertThat(Split.of(labels, 0.2, 0.2, 3, 0).test())
        .isNotEqualTo(Split.of(labels, 0.2, 0.2, 4, 0).test());
  }

  @Test
  void eachLabelHasItsShareOfEachPart() {
    int[] labels = labels(300);
    Split split = Split.of(labels, 0.2, 0.3, 1, 0);

    assertThat(split.test()).hasSize(90);
    assertThat(split.validation()).hasSize(60);
    assertThat(Arrays.stream(split.test()).map(row -> labels[row]).sum()).isEqualTo(30);
  }

  @Test
  void refusesLabelsThatAreTooFew() {
    assertThatThrownBy(() -> Split.of(new int[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, 0.2, 0.2, 1, 0))
        .isInstanceOf(TrainingFailure.class)
        .hasMessage(
            "2 of 10 rows have the label 1: too few for a training, a validation (fraction 0.2) and a"
                + " test split (fraction 0.2)");
    assertThatThrownBy(() -> Split.of(new int[20], 0.2, 0.2, 1, 0))
        .hasMessageStartingWith("0 of 20 rows have the label 1");
  }

  /** A third of them 1. */
  private static int[] labels(int rows) {
    return IntStream.range(0, rows).map(i -> i % 3 == 0 ? 1 : 0).toArray();
  }
}
