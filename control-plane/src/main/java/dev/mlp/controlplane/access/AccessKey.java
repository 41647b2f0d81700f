package dev.mlp.controlplane.access;

import java.time.Instant;

/**
 * An access key of an account.
 *
 * @param id 20 characters, such as {@code AKIA…}
 * @param secret 40 characters; needed as it is, since signatures are computed with it
 */
public record AccessKey(
    String id, String secret, String account, Role role, Status status, Instant createdAt) {
  /** Whether it can be used. */
  public enum Status {
    ACTIVE,
    INACTIVE
  }

  @Override
  public String toString() {
    return "AccessKey[" + id + ", ***, " + account + ", " + role + ", " + status + "]";
  }
}
