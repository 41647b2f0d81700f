package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HyperparametersTest {
  @ParameterizedTest
  @ValueSource(strings = {"\"train.py\"", "train.py", " \"train.py\" "})
  void theProgramIsDecodedWhetherQuotedOrPlain(String value) {
    assertThat(Hyperparameters.program(Map.of("sagemaker_program", value))).contains("train.py");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"s3://b/k/sourcedir.tar.gz\"", "s3://b/k/sourcedir.tar.gz"})
  void theSubmitDirectoryIsDecodedWhetherQuotedOrPlain(String value) {
    assertThat(Hyperparameters.submitDirectory(Map.of("sagemaker_submit_directory", value)))
        .contains("s3://b/k/sourcedir.tar.gz");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"", "null"})
  void anEmptyValueIsNone(String value) {
    assertThat(Hyperparameters.program(Map.of("sagemaker_program", value))).isEmpty();
  }

  @Test
  void absentValuesAreNone() {
    assertThat(Hyperparameters.program(Map.of("epochs", "3"))).isEmpty();
    assertThat(Hyperparameters.submitDirectory(Map.of())).isEmpty();
  }
}
