package dev.mlp.controlplane.wire;

/** How AWS's messages write the names of members. */
final class WireNames {
  private WireNames() {}

  /** {@code TrainingJobName} is {@code trainingJobName} in messages. */
  static String camelCase(String name) {
    return name.isEmpty() || Character.isLowerCase(name.charAt(0))
        ? name
        : Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
