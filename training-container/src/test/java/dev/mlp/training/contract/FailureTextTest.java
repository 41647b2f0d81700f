package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
  @Test
  void aFailedProgramIsReportedInTheToolkitsWords() {
    assertThat(FailureText.executeUserScript(3, "", "/bin/sh -c ./train.sh "))
        .isEqualTo(
            "ExecuteUserScriptError:\nExitCode 3\nErrorMessage \"\"\nCommand \"/bin/sh -c ./train.sh \"");
  }

  @Test
  void aKilledProgramProbablyLackedMemory() {
    assertThat(FailureText.executeUserScript(137, "", "x"))
        .isEqualTo(
            "ExecuteUserScriptError:\nExitCode 137\nErrorMessage \"\"\nExtraInfo \"OutOfMemory:"
                + " Process killed by SIGKILL (signal 9)\"\nCommand \"x\"");
  }

  @Test
  void failedInstallationsHaveTheirOwnNames() {
    assertThat(FailureText.installRequirements(1, "", "c"))
        .startsWith("InstallRequirementsError:\n");
    assertThat(FailureText.installModule(1, "", "c")).startsWith("InstallModuleError:\n");
  }

  @Test
  void aFailureOfTheContainerBeginsWithItsCause() {
    assertThat(FailureText.framework(new IOException("no space")))
        .startsWith("Framework Error: \njava.io.IOException: no space\n")
        .endsWith("\nno space");
  }
}
