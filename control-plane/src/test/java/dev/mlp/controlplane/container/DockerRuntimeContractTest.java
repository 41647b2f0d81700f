package dev.mlp.controlplane.container;

/** Inputs are mounted, where the engine and this process share a file system. */
final class DockerRuntimeContractTest extends DockerContractTest {
  @Override
  boolean copiesInputs() {
    return false;
  }
}
