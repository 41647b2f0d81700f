package dev.mlp.controlplane.artifact;

import java.io.IOException;

/** What is stored at the address is not what was listed there any more: look again. */
public final class ObjectChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  public ObjectChangedException(S3Address address) {
    super(address + " was replaced or deleted while it was read");
  }

  public ObjectChangedException(S3Address address, Throwable cause) {
    super(address + " was replaced or deleted while it was read", cause);
  }
}
