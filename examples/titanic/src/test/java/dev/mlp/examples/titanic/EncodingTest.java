package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EncodingTest {

  private static final float NAN = Float.NaN;

  @BeforeAll
  static void prepare() {
    TensorFlowRuntime.prepare();
  }

  @Test
  void aNameIsOneOfItsCategories() {
    Encoding encoding = new CategoricalEncoding("Embarked", List.of("", "C", "S"));

    assertThat(features(encoding, categorical("S", "C", "", "Q", " S ")))
        .containsExactly(0, 0, 1, /**/ 0, 1, 0, /**/ 1, 0, 0, /**/ 0, 0, 0, /**/ 0, 0, 1);
  }

  @Test
  void learnsTheNamesOfTheTrainingRowsThatAreNotRare() {
    Feature.Categorical feature = categorical("a", "a", "a", "b", "", "", "", "c", "c", "c");

    assertThat(Encoding.fit(feature, rows(10)))
        .isEqualTo(new CategoricalEncoding("x", List.of("", "a", "c")));
    assertThat(Encoding.fit(feature, rows(7)))
        .isEqualTo(new CategoricalEncoding("x", List.of("", "a")));
  }

  @Test
  void keepsUnicodeNames() {
    Encoding encoding = new CategoricalEncoding("x", List.of("Æ", "日本"));

    assertThat(features(encoding, categorical("日本", "Æ"))).containsExactly(0, 1, 1, 0);
  }

  @Test
  void aNumberIsStandardisedAndClimbsSteps() {
    Encoding encoding = new NumericEncoding("x", 2, 1, 2, new float[] {0, 2, 6}, true);

    assertThat(features(encoding, numeric(0, 1, 3, 6, NAN)))
        .containsExactly(
            -0.5f, 0, 0, 0, //
            0, 0.5f, 0, 0, //
            1, 1, 0.25f, 0, //
            2.5f, 1, 1, 0, //
            0.5f, 1, 0, 1); // the median, and missing
  }

  @Test
  void aNumberBeyondTheTrainingRowsCountsAsTheirOutermost() {
    Encoding encoding = new NumericEncoding("x", 2, 0, 1, new float[] {0, 4}, false);

    assertThat(
            features(
                encoding, numeric(-7, 99, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, NAN)))
        .containsExactly(0, 0, 4, 1, 4, 1, 0, 0, 2, 0.5f);
  }

  @Test
  void learnsMedianSpreadAndWhetherNumbersAreMissing() {
    NumericEncoding encoding = fitted(numeric(1, 1, 1, 3, 3, 3, 5, 5, 5, NAN, NAN, NAN), 12);

    assertThat(encoding.median()).isEqualTo(3);
    assertThat(encoding.mean()).isEqualTo(3);
    assertThat(encoding.deviation()).isEqualTo((float) Math.sqrt(2));
    assertThat(encoding.knots()).containsExactly(1, 3, 5);
    assertThat(encoding.missing()).isTrue();
    assertThat(encoding.width()).isEqualTo(4);
  }

  @Test
  void valuesThatAreRareShareAStep() {
    assertThat(fitted(numeric(1, 1, 1, 2, 2, 2, 3, 4), 8).knots()).containsExactly(1, 4);
    assertThat(fitted(numeric(1, 1, 1, 2, 2, 2, 3, 4, 4, 4), 10).knots()).containsExactly(1, 2, 4);
  }

  @Test
  void manyValuesHaveKnotsAtQuantilesAndEqualIntervals() {
    float[] values = new float[81];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }

    assertThat(fitted(numeric(values), 81).knots())
        .containsExactly(0, 10, 20, 30, 40, 50, 60, 70, 80);
  }

  @Test
  void aColumnWithoutNumbersInTheTrainingRowsDoesNoHarm() {
    NumericEncoding encoding = fitted(numeric(NAN, NAN, NAN, 7), 3);

    assertThat(features(encoding, numeric(NAN, 7))).containsExactly(0, 1, 0, 0);
  }

  @Test
  void columnsOfAnyNameLieSideBySide() {
    List<Encoding> encodings =
        List.of(
            new CategoricalEncoding("größe (cm)", List.of("a")),
            new CategoricalEncoding("größe [cm]", List.of("b")));
    Dataset data =
        new Dataset(
            List.of(
                new Feature.Categorical("größe (cm)", List.of("a", "x")),
                new Feature.Categorical("größe [cm]", List.of("a", "b"))),
            List.of(),
            new int[2]);

    assertThat(RawInputs.encode(encodings, data).features()).containsExactly(1, 0, 0, 1);
  }

  @Test
  void rareNamesCountWhereThereAreNoOthers() {
    assertThat(Encoding.fit(categorical("b", "a", "b"), rows(3)))
        .isEqualTo(new CategoricalEncoding("x", List.of("a", "b")));
  }

  private static NumericEncoding fitted(Feature.Numeric feature, int rows) {
    return NumericEncoding.fit(feature, rows(rows));
  }

  private static float[] features(Encoding encoding, Feature feature) {
    Feature named =
        switch (feature) {
          case Feature.Numeric numeric -> new Feature.Numeric(encoding.name(), numeric.values());
          case Feature.Categorical categorical ->
              new Feature.Categorical(encoding.name(), categorical.values());
        };
    return RawInputs.encode(
            Collections.singletonList(encoding), new Dataset(List.of(named), List.of(), new int[0]))
        .features();
  }

  private static Feature.Numeric numeric(float... values) {
    return new Feature.Numeric("x", values);
  }

  private static Feature.Categorical categorical(String... values) {
    return new Feature.Categorical("x", List.of(values));
  }

  private static int[] rows(int n) {
    return IntStream.range(0, n).toArray();
  }
}
