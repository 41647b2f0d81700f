package dev.mlp.controlplane.access;

/** What an access key may do, from everything to invoking endpoints only. */
public enum Role {
  ADMIN,
  DEVELOPER,
  VIEWER,
  INVOKER
}
