package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.training.job.TrainingFailure;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void setsTheLabelApart() {
    Table table = table("x,survived\n7,1\n8,0\n9,1.0\n", "Survived", Optional.empty());

    assertThat(table.labels()).containsExactly(1, 0, 1);
    assertThat(table.columns()).containsExactly(new Table.Column("x", List.of("7", "8", "9")));
  }

  @Test
  void aLabelInItsExactCaseComesFirst() {
    assertThat(table("y,Y\n1,7\n0,8\n", "y", Optional.empty()).labels()).containsExactly(1, 0);
    assertThatThrownBy(() -> table("Ab,aB\n1,7\n", "ab", Optional.empty()))
        .hasMessageContaining("no label column 'ab'");
  }

  @Test
  void aWeightRepeatsItsRow() {
    Table table = table("x,y,n\na,1,2\nb,0,0\nc,0,1\n", "y", Optional.of("N"));

    assertThat(table.labels()).containsExactly(1, 1, 0);
    assertThat(table.columns()).containsExactly(new Table.Column("x", List.of("a", "a", "c")));
  }

  @Test
  void namesTheColumnsWhenOneIsMissing() {
    assertFailure(
        "x,y\n1,1\n",
        "label",
        Optional.empty(),
        "a.csv has no label column 'label': its columns are x, y");
    assertFailure(
        "x,y\n1,1\n",
        "y",
        Optional.of("n"),
        "a.csv has no weight column 'n': its columns are x, y");
    assertFailure(
        "x,y\n1,1\n", "y", Optional.of("Y"), "column 'y' cannot be both label and weight");
  }

  @Test
  void namesABadLabelOrWeightAndItsLine() {
    assertFailure(
        "x,y\n1,1\n2,2\n",
        "y",
        Optional.empty(),
        "a.csv, line 3: the label y is '2': expected 0 or 1");
    assertFailure(
        "x,y\n1,\n", "y", Optional.empty(), "a.csv, line 2: the label y is '': expected 0 or 1");
    assertFailure(
        "x,y,n\n1,1,1.5\n",
        "y",
        Optional.of("n"),
        "a.csv, line 2: the weight n is '1.5': expected a whole number, 0 or more");
    assertFailure(
        "x,y,n\n1,1,-1\n",
        "y",
        Optional.of("n"),
        "a.csv, line 2: the weight n is '-1': expected a whole number, 0 or more");
    assertFailure(
        "x,y,n\n1,1,2000000000\n",
        "y",
        Optional.of("n"),
        "a.csv stands for more than 5000000 examples");
  }

  private static Table table(String csv, String label, Optional<String> weight) {
    return Table.of(CsvFile.parse("a.csv", csv), label, weight);
  }

  private static void assertFailure(
      String csv, String label, Optional<String> weight, String message) {
    assertThatThrownBy(() -> table(csv, label, weight))
        .isInstanceOf(TrainingFailure.class)
        .hasMessage(message);
  }
}
