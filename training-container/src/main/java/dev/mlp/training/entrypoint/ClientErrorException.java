package dev.mlp.training.entrypoint;

/** The job as its user gave it cannot be run, or failed. It carries the failure file's text. */
final class ClientErrorException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String failureText;

  ClientErrorException(String failureText) {
    super(failureText);
    this.failureText = failureText;
  }

  String failureText() {
    return failureText;
  }
}
