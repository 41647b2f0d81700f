package dev.mlp.examples.titanic;

import dev.mlp.training.job.TrainingFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The examples: one row each, the label apart from the rest.
 *
 * @param labels 0 or 1 per row
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Table(List<Column> columns, int[] labels) {

  /** More examples than this would not fit into the memory that this program is made for. */
  static final int MOST_ROWS = 5_000_000;

  /**
   * @param values one per row, empty where it is missing
   */
  record Column(String name, List<String> values) {
    Column {
      values = List.copyOf(values);
    }
  }

  Table {
    columns = List.copyOf(columns);
  }

  int rows() {
    return labels.length;
  }

  /**
   * @param label the label column's name; its case does not matter where no other column differs in
   *     case alone
   * @param weight a column that counts how often its row stands for an example; without it each row
   *     is one
   * @throws TrainingFailure if a column is not there, a label is neither 0 nor 1, or a count is no
   *     whole number
   */
  static Table of(CsvFile csv, String label, Optional<String> weight) {
    int labelIndex = indexOf(csv, label, "label");
    int weightIndex = weight.map(name -> indexOf(csv, name, "weight")).orElse(-1);
    if (labelIndex == weightIndex) {
      throw new TrainingFailure("column '" + label + "' cannot be both label and weight");
    }
    List<CsvFile.Row> examples = new ArrayList<>();
    for (CsvFile.Row row : csv.rows()) {
      int count = weightIndex < 0 ? 1 : count(csv, row, weightIndex);
      if (examples.size() + (long) count > MOST_ROWS) {
        throw new TrainingFailure(csv.name() + " stands for more than " + MOST_ROWS + " examples");
      }
      for (int i = 0; i < count; i++) {
        examples.add(row);
      }
    }
    int[] labels = examples.stream().mapToInt(row -> label(csv, row, labelIndex)).toArray();
    List<Column> columns = new ArrayList<>();
    for (int c = 0; c < csv.header().size(); c++) {
      if (c != labelIndex && c != weightIndex) {
        int cell = c;
        columns.add(
            new Column(
                csv.header().get(c), examples.stream().map(row -> row.cells().get(cell)).toList()));
      }
    }
    return new Table(columns, labels);
  }

  private static int indexOf(CsvFile csv, String name, String role) {
    int exact = csv.header().indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    List<String> alike = csv.header().stream().filter(name::equalsIgnoreCase).toList();
    if (alike.size() != 1) {
      throw new TrainingFailure(
          "%s has no %s column '%s': its columns are %s"
              .formatted(csv.name(), role, name, String.join(", ", csv.header())));
    }
    return csv.header().indexOf(alike.getFirst());
  }

  private static int label(CsvFile csv, CsvFile.Row row, int index) {
    String text = row.cells().get(index);
    return switch (text) {
      case "0", "0.0" -> 0;
      case "1", "1.0" -> 1;
      default ->
          throw new TrainingFailure(
              "%s, line %d: the label %s is '%s': expected 0 or 1"
                  .formatted(csv.name(), row.line(), csv.header().get(index), text));
    };
  }

  private static int count(CsvFile csv, CsvFile.Row row, int index) {
    String text = row.cells().get(index);
    try {
      int count = Integer.parseInt(text);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // answered below, like a negative count
    }
    throw new TrainingFailure(
        "%s, line %d: the weight %s is '%s': expected a whole number, 0 or more"
            .formatted(csv.name(), row.line(), csv.header().get(index), text));
  }
}
