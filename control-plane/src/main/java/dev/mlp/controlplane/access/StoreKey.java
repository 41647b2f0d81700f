package dev.mlp.controlplane.access;

import java.util.Optional;

/**
 * What the embedded object store needs to know of an access key.
 *
 * @param scope what the key may touch; empty where it may touch everything
 */
public record StoreKey(String secret, Optional<StoreScope> scope) {
  /** A key to the whole store. */
  public static StoreKey whole(String secret) {
    return new StoreKey(secret, Optional.empty());
  }

  /** A key to a part of the store. */
  public static StoreKey of(String secret, StoreScope scope) {
    return new StoreKey(secret, Optional.of(scope));
  }

  @Override
  public String toString() {
    return "StoreKey[***, " + scope + "]";
  }
}
