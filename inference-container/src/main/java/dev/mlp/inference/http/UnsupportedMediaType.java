package dev.mlp.inference.http;

import java.io.Serial;

/** The body is in a form that nobody here reads. */
final class UnsupportedMediaType extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UnsupportedMediaType(String type) {
    super("Unsupported Media Type: " + (type.isEmpty() ? "Unknown" : type), null, false, false);
  }
}
