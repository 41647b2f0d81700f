package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlPathsTest {
  private final MlPaths paths = new MlPaths(Path.of("/instances/one"));

  @Test
  void foldersLieBelowTheBase() {
    assertThat(paths.channel("train")).hasToString("/instances/one/input/data/train");
    assertThat(paths.code()).hasToString("/instances/one/code");
    assertThat(paths.model()).hasToString("/instances/one/model");
    assertThat(paths.outputData()).hasToString("/instances/one/output/data");
    assertThat(paths.failure()).hasToString("/instances/one/output/failure");
    assertThat(paths.success()).hasToString("/instances/one/output/success");
    assertThat(paths.checkpoints()).hasToString("/instances/one/checkpoints");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/etc"})
  void aChannelCannotLeaveTheDataFolder(String name) {
    assertThatThrownBy(() -> paths.channel(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void findsWhatClientsNameByItsPathInTheContainer() {
    assertThat(paths.locate("/opt/ml/input/data/code/sourcedir.tar.gz"))
        .hasToString("/instances/one/input/data/code/sourcedir.tar.gz");
    assertThat(paths.locate("/opt/ml")).hasToString("/instances/one");
    assertThat(paths.locate("/srv/code")).hasToString("/srv/code");
    assertThat(paths.locate("/opt/ml/../mlx")).hasToString("/opt/mlx");
  }
}
