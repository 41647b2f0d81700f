package dev.mlp.controlplane.capacity;

/** What becomes of a request for more than the machine has. */
public enum InstanceTypes {
  /** It gets what there is, and is told so. */
  FIT,
  /** It is refused at once, by name of what is missing. */
  STRICT
}
