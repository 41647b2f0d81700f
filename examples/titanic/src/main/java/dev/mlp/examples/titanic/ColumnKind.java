package dev.mlp.examples.titanic;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a column's values are, as far as a model is concerned. */
sealed interface ColumnKind {

  /**
   * Fewer rows than this may well have whole numbers that all differ without these being the rows'
   * names.
   */
  int FEWEST_ROWS_WITH_IDENTIFIER = 10;

  /** A text column of more different values than this is no category. */
  int MOST_CATEGORIES = 50;

  /**
   * Values that stand for fewer rows than this on the average tell rows apart rather than what they
   * have in common.
   */
  int FEWEST_ROWS_PER_CATEGORY = 4;

  /** What files write for a number that is not there, besides nothing at all. */
  Set<String> MISSING_NUMBER = Set.of("", "na", "n/a", "nan", "null");

  /** Numbers. */
  record Numeric() implements ColumnKind {}

  /** Names from a small set. */
  record Categorical() implements ColumnKind {}

  /** Identifiers, free text, or nothing to learn from. */
  record Unusable(String reason) implements ColumnKind {}

  static ColumnKind of(Table.Column column) {
    Map<String, Integer> counts = new HashMap<>();
    column.values().forEach(value -> counts.merge(value, 1, Integer::sum));
    int missing = counts.getOrDefault("", 0);
    int present = column.values().size() - missing;
    counts.remove("");
    if (counts.isEmpty()) {
      return new Unusable("it has no values");
    }
    if (counts.size() == 1 && missing == 0) {
      return new Unusable("all rows have the same value");
    }
    if (counts.keySet().stream().allMatch(ColumnKind::isNumber)) {
      return ofNumbers(column, counts.keySet());
    }
    if (counts.size() > MOST_CATEGORIES
        || (long) counts.size() * FEWEST_ROWS_PER_CATEGORY > present) {
      return new Unusable(
          "free text or an identifier: %d different values in %d rows"
              .formatted(counts.size(), present));
    }
    return new Categorical();
  }

  private static ColumnKind ofNumbers(Table.Column column, Set<String> texts) {
    double[] values =
        texts.stream()
            .filter(text -> !isMissingNumber(text))
            .mapToDouble(Double::parseDouble)
            .distinct()
            .sorted()
            .toArray();
    if (values.length == 0) {
      return new Unusable("it has no values");
    }
    if (values.length == column.values().size()
        && Arrays.stream(values).allMatch(value -> value == Math.rint(value))
        && isIdentifier(column.name(), values)) {
      return new Unusable("an identifier: every row has a whole number of its own");
    }
    return new Numeric();
  }

  /**
   * Whether whole numbers, different in all rows, are the rows' names: numbered through, or called
   * an id.
   */
  private static boolean isIdentifier(String name, double[] sorted) {
    double span = sorted[sorted.length - 1] - sorted[0] + 1;
    return sorted.length >= FEWEST_ROWS_WITH_IDENTIFIER
        && (span == sorted.length
            || name.toLowerCase(Locale.ROOT).equals("id")
            || name.endsWith("Id")
            || name.endsWith("ID")
            || name.toLowerCase(Locale.ROOT).endsWith("_id"));
  }

  /** The column's numbers, NaN where one is missing. */
  static float[] numbers(List<String> values) {
    float[] numbers = new float[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      String value = values.get(i);
      numbers[i] = isMissingNumber(value) ? Float.NaN : Float.parseFloat(value);
    }
    return numbers;
  }

  private static boolean isNumber(String text) {
    if (isMissingNumber(text)) {
      return true;
    }
    // Double.parseDouble also takes Java's own forms: 1f, 0x1p3, Infinity.
    if (!text.chars().allMatch(c -> "+-.eE".indexOf(c) >= 0 || (c >= '0' && c <= '9'))) {
      return false;
    }
    try {
      return Float.isFinite(Float.parseFloat(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean isMissingNumber(String text) {
    return MISSING_NUMBER.contains(text.toLowerCase(Locale.ROOT));
  }
}
