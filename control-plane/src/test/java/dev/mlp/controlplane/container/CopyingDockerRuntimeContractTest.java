package dev.mlp.controlplane.container;

/** Inputs are copied, as with an engine on another machine. */
final class CopyingDockerRuntimeContractTest extends DockerContractTest {
  @Override
  boolean copiesInputs() {
    return true;
  }
}
