package dev.mlp.training.contract;

/** How Python writes a string down: as JSON and as a literal. */
final class PythonText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private PythonText() {}

  /** As {@code json.dumps} does: everything outside printable ASCII is escaped. */
  static void appendJson(String text, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> to.append("\\\"");
        case '\\' -> to.append("\\\\");
        case '\n' -> to.append("\\n");
        case '\r' -> to.append("\\r");
        case '\t' -> to.append("\\t");
        case '\f' -> to.append("\\f");
        case '\b' -> to.append("\\b");
        default -> {
          if (c >= ' ' && c <= '~') {
            to.append(c);
          } else {
            appendHex(to.append("\\u"), c, 4);
          }
        }
      }
    }
    to.append('"');
  }

  /**
   * As {@code repr} does: single quotes unless the text has them and no double ones; what cannot be
   * printed is escaped.
   */
  static void appendRepr(String text, StringBuilder to) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    to.append(quote);
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == quote || c == '\\') {
        to.append('\\').append((char) c);
      } else if (c == '\n') {
        to.append("\\n");
      } else if (c == '\r') {
        to.append("\\r");
      } else if (c == '\t') {
        to.append("\\t");
      } else if (isPrintable(c)) {
        to.appendCodePoint(c);
      } else if (c <= 0xff) {
        appendHex(to.append("\\x"), c, 2);
      } else if (c <= 0xffff) {
        appendHex(to.append("\\u"), c, 4);
      } else {
        appendHex(to.append("\\U"), c, 8);
      }
    }
    to.append(quote);
  }

  private static boolean isPrintable(int codePoint) {
    if (codePoint >= ' ' && codePoint <= '~') {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void appendHex(StringBuilder to, int value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      to.append(HEX[(value >> shift) & 0xf]);
    }
  }
}
