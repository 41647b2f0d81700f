package dev.mlp.inference.model;

import java.io.Serial;

/** The model folder cannot be served; the message is for the person who put it there. */
public final class NoModelException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public NoModelException(String message) {
    super(message);
  }
}
