package dev.mlp.training.contract;

/** A text that {@code json.loads} refuses. */
public final class NotJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  NotJsonException(String expected, String text, int position) {
    super(message(expected, text, position));
  }

  private static String message(String expected, String text, int position) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < position; i++) {
      column++;
      if (text.charAt(i) == '\n') {
        line++;
        column = 1;
      }
    }
    return "expected " + expected + " at line " + line + ", column " + column;
  }
}
