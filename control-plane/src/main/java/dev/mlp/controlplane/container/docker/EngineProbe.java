package dev.mlp.controlplane.container.docker;

/** Whether an engine answers. */
public sealed interface EngineProbe {
  /**
   * It does.
   *
   * @param version such as {@code 20.10.24}
   * @param address such as {@code unix:///var/run/docker.sock}
   */
  record Answers(String version, String address) implements EngineProbe {}

  /** It does not; {@code reason} is for people. */
  record Silent(String reason) implements EngineProbe {}
}
