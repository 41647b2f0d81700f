package dev.mlp.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a quickstart found out.
 *
 * @param splits mean and deviation over several splits by their name in the document; empty for one
 * @param answers the model's answer per passenger
 */
record QuickstartResult(
    double auc,
    double accuracy,
    double threshold,
    Map<String, Double> splits,
    List<Answer> answers,
    String trainingJob,
    String endpoint,
    String modelArtifacts) {

  /** One passenger's fate. */
  record Answer(QuickstartData.Passenger passenger, Object prediction) {
    double probability() {
      return number("probability");
    }

    boolean survived() {
      return number("survived") != 0;
    }

    private double number(String name) {
      Object value = prediction instanceof Map<?, ?> map ? map.get(name) : null;
      Object single = value instanceof List<?> list && !list.isEmpty() ? list.getFirst() : value;
      if (single instanceof Number number) {
        return number.doubleValue();
      }
      if (single instanceof Boolean flag) {
        return flag ? 1 : 0;
      }
      throw new CommandFailure("the model's answer has no number '" + name + "': " + prediction);
    }
  }

  Map<String, @Nullable Object> tree(double seconds) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("auc", auc);
    tree.put("accuracy", accuracy);
    tree.put("threshold", threshold);
    tree.putAll(splits);
    tree.put(
        "predictions",
        answers.stream()
            .map(answer -> {
              Map<String, Object> each = new LinkedHashMap<>();
              each.put("passenger", answer.passenger().who());
              each.put("features", answer.passenger().features());
              each.put("probability", answer.probability());
              each.put("survived", answer.survived() ? 1 : 0);
              return each;
            })
            .toList());
    tree.put("trainingJob", trainingJob);
    tree.put("endpoint", endpoint);
    tree.put("modelArtifacts", modelArtifacts);
    tree.put("seconds", seconds);
    return tree;
  }

  void print(Context context, Consumer<Table> tables) {
    Table metrics = new Table("METRIC", "VALUE");
    metrics.row("AUC on the test split", number(auc));
    metrics.row("accuracy on the test split", number(accuracy));
    metrics.row("threshold", number(threshold));
    splits.forEach((name, value) -> metrics.row(name, number(value)));
    tables.accept(metrics);
    context.out().println();
    Table passengers = new Table("PASSENGER", "PROBABILITY", "SURVIVED");
    for (Answer answer : answers) {
      passengers.row(
          answer.passenger().who(),
          String.format(Locale.ROOT, "%.3f", answer.probability()),
          answer.survived() ? "yes" : "no");
    }
    tables.accept(passengers);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
