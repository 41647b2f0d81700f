package dev.mlp.sdk;

import java.util.List;

/**
 * What was asked for cannot work; found out before anything was sent. Names every problem at once.
 */
public final class InvalidRequestException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /** One problem. */
  public InvalidRequestException(String problem) {
    this(List.of(problem));
  }

  /** All problems; at least one. */
  public InvalidRequestException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** Each problem as a sentence without a full stop. */
  public List<String> problems() {
    return problems;
  }
}
