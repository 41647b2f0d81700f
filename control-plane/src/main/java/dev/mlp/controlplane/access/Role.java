package dev.mlp.controlplane.access;

/** What an access key may do, from everything to next to nothing. */
public enum Role {
  ADMIN,
  DEVELOPER,
  VIEWER,
  INVOKER,
  /** An instance's own key: good for its part of the object store, and to ask who it is. */
  INSTANCE;

  public boolean may(Permission permission) {
    return switch (permission) {
      case IDENTITY -> true;
      case READ -> this == ADMIN || this == DEVELOPER || this == VIEWER;
      case WRITE -> this == ADMIN || this == DEVELOPER;
      case INVOKE -> this == ADMIN || this == DEVELOPER || this == INVOKER;
    };
  }
}
