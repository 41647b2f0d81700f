package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ColumnKindTest {

  private static final int ROWS = 100;

  @Test
  void numbersAreNumeric() {
    assertThat(kind("Fare", i -> i * 0.25 + "")).isEqualTo(new ColumnKind.Numeric());
    assertThat(kind("Pclass", i -> i % 3 + 1 + "")).isEqualTo(new ColumnKind.Numeric());
    assertThat(kind("Exponent", i -> i + "e-3")).isEqualTo(new ColumnKind.Numeric());
  }

  @Test
  void numbersMayBeMissingInSeveralForms() {
    List<String> forms = List.of("", "NA", "NaN", "null", "n/a");

    assertThat(kind("Age", i -> i % 2 == 0 ? i + ".5" : forms.get(i % 5)))
        .isEqualTo(new ColumnKind.Numeric());
    assertThat(ColumnKind.numbers(List.of("1.5", "", "NA")))
        .containsExactly(1.5f, Float.NaN, Float.NaN);
  }

  @Test
  void namesFromASmallSetAreCategorical() {
    assertThat(kind("Sex", i -> i % 2 == 0 ? "male" : "female"))
        .isEqualTo(new ColumnKind.Categorical());
    assertThat(kind("Embarked", i -> List.of("S", "C", "Q", "").get(i % 4)))
        .isEqualTo(new ColumnKind.Categorical());
    assertThat(kind("Mixed", i -> i % 2 == 0 ? "1" : "one"))
        .isEqualTo(new ColumnKind.Categorical());
  }

  @Test
  void whatOnlyJavaTakesForANumberIsText() {
    assertThat(kind("Flight", i -> List.of("1f", "2d").get(i % 2)))
        .isEqualTo(new ColumnKind.Categorical());
  }

  @Test
  void freeTextIsUnusable() {
    assertThat(kind("Name", i -> "Passenger " + i))
        .isEqualTo(
            new ColumnKind.Unusable(
                "free text or an identifier: 100 different values in 100 rows"));
    assertThat(kind("Cabin", i -> i < 60 ? "" : "C" + i / 2))
        .isEqualTo(
            new ColumnKind.Unusable("free text or an identifier: 20 different values in 40 rows"));
  }

  @Test
  void aNumberOfEachRowIsAnIdentifier() {
    assertThat(kind("No", i -> 500 - i + "")).isInstanceOf(ColumnKind.Unusable.class);
    assertThat(kind("PassengerId", i -> i * 17 + "")).isInstanceOf(ColumnKind.Unusable.class);
    assertThat(kind("order_id", i -> i * 17 + "")).isInstanceOf(ColumnKind.Unusable.class);
  }

  @Test
  void wholeNumbersThatDifferMayBeQuantities() {
    assertThat(kind("Income", i -> i * 17 + "")).isEqualTo(new ColumnKind.Numeric());
    assertThat(kind("PassengerId", i -> i / 2 + "")).isEqualTo(new ColumnKind.Numeric());
  }

  @Test
  void aColumnThatSaysNothingIsUnusable() {
    assertThat(kind("Empty", i -> "")).isEqualTo(new ColumnKind.Unusable("it has no values"));
    assertThat(kind("Absent", i -> i % 2 == 0 ? "NA" : ""))
        .isEqualTo(new ColumnKind.Unusable("it has no values"));
    assertThat(kind("Ship", i -> "Titanic"))
        .isEqualTo(new ColumnKind.Unusable("all rows have the same value"));
  }

  @Test
  void oneValueThatIsSometimesMissingSaysSomething() {
    assertThat(kind("Lifeboat", i -> i % 2 == 0 ? "yes" : ""))
        .isEqualTo(new ColumnKind.Categorical());
  }

  private static ColumnKind kind(String name, IntFunction<String> value) {
    return ColumnKind.of(new Table.Column(name, IntStream.range(0, ROWS).mapToObj(value).toList()));
  }
}
