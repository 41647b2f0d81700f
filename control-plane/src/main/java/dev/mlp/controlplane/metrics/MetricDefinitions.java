package dev.mlp.controlplane.metrics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;

/** Reads a job's metrics from the lines that it logs. */
public record MetricDefinitions(List<MetricDefinition> definitions) {
  /** Steps that one expression may take on one line: some expressions would take for ever. */
  private static final int MAX_STEPS = 1_000_000;

  public MetricDefinitions {
    definitions = List.copyOf(definitions);
  }

  public boolean isEmpty() {
    return definitions.isEmpty();
  }

  /** Every value in the line, in the order of the definitions and of the text. */
  public List<MetricValue> values(String line, Instant at) {
    List<MetricValue> values = new ArrayList<>(0);
    for (MetricDefinition definition : definitions) {
      Matcher matcher = definition.regex().matcher(new BoundedText(line));
      try {
        while (matcher.find()) {
          String text = matcher.group(Math.min(1, matcher.groupCount()));
          number(text == null ? "" : text)
              .ifPresent(value -> values.add(new MetricValue(definition.name(), value, at)));
        }
      } catch (TooManyStepsException | StackOverflowError _) {
        // This expression finds nothing more on this line; the others, and other lines, go on.
      }
    }
    return values;
  }

  private static OptionalDouble number(String text) {
    try {
      double value = Double.parseDouble(text.strip());
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException _) {
      return OptionalDouble.empty();
    }
  }

  private static final class TooManyStepsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyStepsException() {
      super("too many steps", null, false, false);
    }
  }

  /** A text that may be looked at so often and no more. */
  private static final class BoundedText implements CharSequence {
    private final String text;
    private int steps;

    BoundedText(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw new TooManyStepsException();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
