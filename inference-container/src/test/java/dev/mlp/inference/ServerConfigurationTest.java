package dev.mlp.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.inference.tensorflow.SessionThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigurationTest {
  @Test
  void hasSageMakersDefaults() {
    ServerConfiguration configuration = ServerConfiguration.of(Map.of());
    assertThat(configuration.host()).isEqualTo("0.0.0.0");
    assertThat(configuration.port()).isEqualTo(8080);
    assertThat(configuration.modelRoot()).isEqualTo(Path.of("/opt/ml/model"));
    assertThat(configuration.defaultModel()).isEmpty();
    assertThat(configuration.threads()).isEqualTo(SessionThreads.CALLER_RUNS);
    assertThat(configuration.limits().body()).isEqualTo(6291456);
    assertThat(configuration.limits().drain()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void readsSageMakersVariables() {
    ServerConfiguration configuration =
        ServerConfiguration.of(
            Map.of(
                "SAGEMAKER_BIND_TO_PORT", "9000",
                "MLP_BIND_HOST", "127.0.0.1",
                "SAGEMAKER_BASE_DIR", "/srv/ml",
                "SAGEMAKER_TFS_DEFAULT_MODEL_NAME", "titanic",
                "SAGEMAKER_TFS_INTER_OP_PARALLELISM", "2",
                "SAGEMAKER_TFS_INTRA_OP_PARALLELISM", "0",
                "SAGEMAKER_MAX_PAYLOAD_IN_MB", "100"));
    assertThat(configuration.port()).isEqualTo(9000);
    assertThat(configuration.host()).isEqualTo("127.0.0.1");
    assertThat(configuration.modelRoot()).isEqualTo(Path.of("/srv/ml/model"));
    assertThat(configuration.defaultModel()).isEqualTo("titanic");
    assertThat(configuration.threads()).isEqualTo(new SessionThreads(2, 0));
    assertThat(configuration.limits().body()).isEqualTo(100 << 20);
  }

  @Test
  void prefersTheModelFolderThatIsNamed() {
    assertThat(
            ServerConfiguration.of(
                    Map.of("SM_MODEL_DIR", "/models", "SAGEMAKER_BASE_DIR", "/srv/ml"))
                .modelRoot())
        .isEqualTo(Path.of("/models"));
  }

  @ParameterizedTest
  @CsvSource({
    "SAGEMAKER_BIND_TO_PORT,http,from 0 to 65535",
    "SAGEMAKER_BIND_TO_PORT,70000,from 0 to 65535",
    "SAGEMAKER_TFS_INTER_OP_PARALLELISM,-2,from -1 to 1024",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB,0,from 1 to 1024"
  })
  void namesWhatItCannotRead(String variable, String value, String expected) {
    assertThatThrownBy(() -> ServerConfiguration.of(Map.of(variable, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(variable + " is '" + value + "': expected a whole number " + expected);
  }
}
