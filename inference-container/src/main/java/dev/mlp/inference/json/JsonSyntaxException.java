package dev.mlp.inference.json;

import java.io.Serial;

/** The text is no JSON. Message and offset are RapidJSON's, which TensorFlow Serving passes on. */
public final class JsonSyntaxException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final String text;
  private final int offset;

  public JsonSyntaxException(String message, int offset) {
    super(message, null, false, false);
    this.text = message;
    this.offset = offset;
  }

  /** The same error with an offset that counts from {@code start}. */
  JsonSyntaxException from(int start) {
    return new JsonSyntaxException(text, offset - start);
  }

  /** As TensorFlow Serving words it. */
  public String describe() {
    return "JSON Parse error: " + text + " at offset: " + offset;
  }

  /** Bytes before the place of the error. */
  public int offset() {
    return offset;
  }
}
