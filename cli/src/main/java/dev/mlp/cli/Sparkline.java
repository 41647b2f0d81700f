package dev.mlp.cli;

import java.util.List;

/** The course of a value in one line of text. */
final class Sparkline {
  private static final String LEVELS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /**
   * A bar for each value; where there are more values than room, for the average of several.
   *
   * @param top what the highest bar stands for
   */
  static String of(List<Double> values, double top, int width) {
    StringBuilder line = new StringBuilder();
    int bars = Math.min(width, values.size());
    for (int bar = 0; bar < bars; bar++) {
      double average =
          values.subList(bar * values.size() / bars, (bar + 1) * values.size() / bars).stream()
              .mapToDouble(value -> value)
              .average()
              .orElse(0);
      int level = (int) Math.floor(average / top * LEVELS.length());
      line.append(LEVELS.charAt(Math.clamp(level, 0, LEVELS.length() - 1)));
    }
    return line.toString();
  }
}
