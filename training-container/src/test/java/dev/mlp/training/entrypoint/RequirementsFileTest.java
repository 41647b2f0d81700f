package dev.mlp.training.entrypoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementsFileTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# comment ./x\n",
        "numpy==1.26\n",
        "a[extra]>=2,<3; python_version < '3.12'\n",
        "x @ https://host/x.whl\n",
        "git+https://host/repo.git@v1\n",
        "--index-url https://i/\nb\n",
        "b --hash=sha256:ab\n",
        "b==1 # see ./notes\n"
      })
  void requirementsByNameOrAddressStandAlone(String text) {
    assertThat(RequirementsFile.standsAlone(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "numpy\n-r more.txt\n",
        "-c constraints.txt\n",
        "-e .\n",
        ".\n",
        "./lib/a\n",
        "lib/a.whl\n",
        "a.whl\n",
        "x @ file:///tmp/x\n",
        "--find-links wheels\n",
        "  --requirement more.txt"
      })
  void requirementsThatNameFilesDoNot(String text) {
    assertThat(RequirementsFile.standsAlone(text)).isFalse();
  }
}
