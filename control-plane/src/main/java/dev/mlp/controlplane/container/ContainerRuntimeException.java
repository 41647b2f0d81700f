package dev.mlp.controlplane.container;

/** A runtime could not do what it was asked; says whether the same call can succeed later. */
public final class ContainerRuntimeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  public ContainerRuntimeException(String message, boolean retryable) {
    super(message);
    this.retryable = retryable;
  }

  public ContainerRuntimeException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  public boolean retryable() {
    return retryable;
  }
}
