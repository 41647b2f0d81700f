package dev.mlp.training.contract;

import java.util.Comparator;

/**
 * The order of Python's strings, by code point. {@link String#compareTo} compares UTF-16 units and
 * so puts everything past U+FFFF before U+E000.
 */
enum CodePointOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String left, String right) {
    int shared = Math.min(left.length(), right.length());
    for (int i = 0; i < shared; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        boolean aIsHalf = Character.isSurrogate(a);
        return aIsHalf == Character.isSurrogate(b)
            ? Integer.compare(
                left.codePointAt(startOfPair(left, i)), right.codePointAt(startOfPair(right, i)))
            : aIsHalf ? compareHalf(left, i, b) : -compareHalf(right, i, a);
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  private static int compareHalf(String text, int index, char other) {
    return Integer.compare(text.codePointAt(startOfPair(text, index)), other);
  }

  /** The strings agree before the index, so a low half there belongs to the same high half. */
  private static int startOfPair(String text, int index) {
    boolean insidePair =
        index > 0
            && Character.isLowSurrogate(text.charAt(index))
            && Character.isHighSurrogate(text.charAt(index - 1));
    return insidePair ? index - 1 : index;
  }
}
