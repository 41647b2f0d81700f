package dev.mlp.examples.titanic;

import dev.mlp.training.job.TrainingFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The examples, with the kind of each column found from its values.
 *
 * @param labels 0 or 1 per row
 * @param dropped the columns that the model does not take
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Dataset(List<Feature> features, List<Dropped> dropped, int[] labels) {

  /** A column that the model does not take. */
  record Dropped(String name, String reason) {}

  Dataset {
    features = List.copyOf(features);
    dropped = List.copyOf(dropped);
  }

  int rows() {
    return labels.length;
  }

  /** How many rows have the label 1. */
  int positives() {
    return Arrays.stream(labels).sum();
  }

  /**
   * @throws TrainingFailure if no column is of use
   */
  static Dataset of(Table table) {
    List<Feature> features = new ArrayList<>();
    List<Dropped> dropped = new ArrayList<>();
    for (Table.Column column : table.columns()) {
      switch (ColumnKind.of(column)) {
        case ColumnKind.Numeric _ ->
            features.add(new Feature.Numeric(column.name(), ColumnKind.numbers(column.values())));
        case ColumnKind.Categorical _ ->
            features.add(new Feature.Categorical(column.name(), column.values()));
        case ColumnKind.Unusable unusable ->
            dropped.add(new Dropped(column.name(), unusable.reason()));
      }
    }
    if (features.isEmpty()) {
      StringBuilder message = new StringBuilder("no column is of use as a feature");
      for (Dropped column : dropped) {
        message.append("; ").append(column.name()).append(": ").append(column.reason());
      }
      throw new TrainingFailure(message.toString());
    }
    return new Dataset(features, dropped, table.labels());
  }
}
