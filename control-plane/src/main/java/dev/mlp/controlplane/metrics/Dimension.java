package dev.mlp.controlplane.metrics;

import java.util.Comparator;

/** A name and a value that tell a metric's series apart, such as {@code Host} and a host's name. */
public record Dimension(String name, String value) implements Comparable<Dimension> {
  private static final Comparator<Dimension> ORDER =
      Comparator.comparing(Dimension::name).thenComparing(Dimension::value);

  @Override
  public int compareTo(Dimension other) {
    return ORDER.compare(this, other);
  }
}
