package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineMemoryTest {
  @Test
  void keepsAGibibyteForTheServerAndTheSystem() {
    assertThat(MachineMemory.forInstances(16_384)).isEqualTo(15_360);
  }

  @Test
  void keepsHalfOfASmallMachine() {
    assertThat(MachineMemory.forInstances(1500)).isEqualTo(750);
    assertThat(MachineMemory.forInstances(2048)).isEqualTo(1024);
  }

  @Test
  void thisMachineHasSomething() {
    assertThat(MachineMemory.forInstances()).isPositive();
    assertThat(MachineCpus.forInstances()).isPositive();
  }
}
