package dev.mlp.controlplane.access;

/** What an access key may do, from everything to invoking endpoints only. */
public enum Role {
  ADMIN,
  DEVELOPER,
  VIEWER,
  INVOKER;

  public boolean may(Permission permission) {
    return switch (permission) {
      case IDENTITY -> true;
      case READ -> this != INVOKER;
      case WRITE -> this == ADMIN || this == DEVELOPER;
      case INVOKE -> this != VIEWER;
    };
  }
}
