package dev.mlp.training.entrypoint;

/** The container was told to stop before the user's program ran. */
final class StoppedException extends Exception {
  private static final long serialVersionUID = 1L;
}
