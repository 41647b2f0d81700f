package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RocTest {

  @Test
  void hasAPointPerScore() {
    Roc roc = Roc.of(new float[] {0.1f, 0.4f, 0.35f, 0.8f}, new int[] {0, 0, 1, 1});

    assertThat(roc.points())
        .isEqualTo(
            List.of(
                new Roc.Point(Float.POSITIVE_INFINITY, 0, 0),
                new Roc.Point(0.8f, 0.5, 0),
                new Roc.Point(0.4f, 0.5, 0.5),
                new Roc.Point(0.35f, 1, 0.5),
                new Roc.Point(0.1f, 1, 1)));
    assertThat(roc.area()).isEqualTo(0.75);
  }

  @Test
  void aTieCountsHalf() {
    assertThat(Roc.of(new float[] {0.5f, 0.5f}, new int[] {0, 1}).area()).isEqualTo(0.5);
    // Pairs: 0.9 above both negatives, 0.5 level with one and above the other: 3.5 of 4.
    assertThat(Roc.of(new float[] {0.9f, 0.5f, 0.5f, 0.1f}, new int[] {1, 1, 0, 0}).area())
        .isEqualTo(0.875);
  }

  @Test
  void takesTheThresholdWhereTheGainIsGreatest() {
    Roc roc = Roc.of(new float[] {0.9f, 0.8f, 0.6f, 0.4f, 0.2f}, new int[] {1, 1, 0, 1, 0});

    // At 0.8 both rates differ by 2/3, at 0.4 by 1/2.
    assertThat(roc.bestThreshold()).isCloseTo(0.7f, within(1e-6f));
  }

  @Test
  void ofEqualGainsItTakesTheOneWithFewestFalsePositives() {
    Roc roc = Roc.of(new float[] {0.9f, 0.7f, 0.5f, 0.3f}, new int[] {1, 0, 1, 0});

    assertThat(roc.bestThreshold()).isCloseTo(0.8f, within(1e-6f));
  }

  @Test
  void aThresholdThatIsTheLowestScoreStays() {
    // Only positives below: nothing gains but taking all.
    Roc roc = Roc.of(new float[] {0.9f, 0.2f}, new int[] {0, 1});

    assertThat(roc.bestThreshold()).isEqualTo(0.2f);
  }

  @Test
  void neighbouringFloatsAreStillToldApart() {
    float low = 0.5f;
    float high = Math.nextUp(low);

    assertThat(Roc.of(new float[] {low, high}, new int[] {0, 1}).bestThreshold()).isEqualTo(high);
  }

  @Test
  void findsThePointThatAThresholdLeadsTo() {
    Roc roc = Roc.of(new float[] {0.1f, 0.4f, 0.35f, 0.8f}, new int[] {0, 0, 1, 1});

    assertThat(roc.at(0.9f)).isEqualTo(roc.points().getFirst());
    assertThat(roc.at(0.36f)).isEqualTo(new Roc.Point(0.4f, 0.5, 0.5));
    assertThat(roc.at(0.35f)).isEqualTo(new Roc.Point(0.35f, 1, 0.5));
  }

  @Test
  void needsBothLabels() {
    assertThatThrownBy(() -> Roc.of(new float[] {0.5f}, new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 200)
  void theAreaIsTheShareOfPairsInOrder(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int levels) {
    Random random = new Random(seed);
    int[] labels = labels(random, 40);
    float[] scores = scores(random, 40, levels);
    double inOrder = 0;
    int pairs = 0;
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < labels.length; j++) {
        if (labels[i] == 1 && labels[j] == 0) {
          pairs++;
          inOrder += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }

    assertThat(Roc.of(scores, labels).area()).isCloseTo(inOrder / pairs, within(1e-12));
  }

  @Property(tries = 200)
  void noThresholdGainsMoreThanTheBest(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int levels) {
    Random random = new Random(seed);
    Roc roc = Roc.of(scores(random, 40, levels), labels(random, 40));

    double best = roc.at(roc.bestThreshold()).gain();
    // Strictly below the diagonal everywhere, the best that is not "none at all" may be "all".
    assertThat(roc.points().subList(1, roc.points().size()))
        .allSatisfy(point -> assertThat(point.gain()).isLessThanOrEqualTo(best));
  }

  @Test
  void resamplingIsTheSameForOneSeedAndStaysBetweenTheScores() {
    Random random = new Random(5);
    int[] labels = labels(random, 60);
    float[] scores = scores(random, 60, 1000);

    float threshold = Roc.bestThreshold(scores, labels, 50, 7);
    assertThat(threshold).isEqualTo(Roc.bestThreshold(scores, labels, 50, 7)).isBetween(0f, 1f);
    assertThat(Roc.bestThreshold(scores, labels, 0, 7))
        .isEqualTo(Roc.of(scores, labels).bestThreshold());
  }

  @Test
  void resamplingKeepsAClearCutBetweenTheLabels() {
    float[] scores = {0.05f, 0.1f, 0.15f, 0.2f, 0.8f, 0.85f, 0.9f, 0.95f};
    int[] labels = {0, 0, 0, 0, 1, 1, 1, 1};

    assertThat(Roc.bestThreshold(scores, labels, 100, 1)).isBetween(0.2f, 0.8f);
  }

  private static int[] labels(Random random, int n) {
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i < 2 ? i : random.nextInt(2); // at least one of each
    }
    return labels;
  }

  private static float[] scores(Random random, int n, int levels) {
    float[] scores = new float[n];
    for (int i = 0; i < n; i++) {
      scores[i] = (float) random.nextInt(levels) / levels;
    }
    return scores;
  }
}
