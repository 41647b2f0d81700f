package dev.mlp.controlplane.container.docker.image;

import java.util.Locale;

/** Sizes in words, in powers of ten, as the engine's own tools count. */
final class Sizes {
  private static final String UNITS = "kMGT";
  private static final int THOUSAND = 1000;

  private Sizes() {}

  /** Such as {@code 1.05 GB}. */
  static String bytes(long bytes) {
    if (bytes < THOUSAND) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= THOUSAND && unit < UNITS.length() - 1) {
      value /= THOUSAND;
      unit++;
    }
    String format = value < 10 ? "%.2f %sB" : value < 100 ? "%.1f %sB" : "%.0f %sB";
    return String.format(Locale.ROOT, format, value, UNITS.charAt(unit));
  }
}
