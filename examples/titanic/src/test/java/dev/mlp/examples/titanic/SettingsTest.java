package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.training.job.TrainingFailure;
import dev.mlp.training.job.TrainingJob;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  @Test
  void hasDefaults() {
    Settings settings = settings("{}");

    assertThat(settings.label()).isEqualTo("Survived");
    assertThat(settings.weight()).isEmpty();
    assertThat(settings.splits()).isEqualTo(1);
  }

  @Test
  void takesWhatIsGivenAndWhatSdksAdd() {
    Settings settings =
        settings("{\"label\":\"y\",\"weight\":\"n\",\"epochs\":7,\"model_dir\":\"s3://x\"}");

    assertThat(settings.label()).isEqualTo("y");
    assertThat(settings.weight()).hasValue("n");
    assertThat(settings.epochs()).isEqualTo(7);
  }

  @Test
  void namesAnUnknownHyperparameterAndTheKnownOnes() {
    assertThatThrownBy(() -> settings("{\"learning_rate\":0.1}"))
        .isInstanceOf(TrainingFailure.class)
        .hasMessageContaining("unknown hyperparameter learning_rate")
        .hasMessageContaining("learning-rate");
  }

  @ParameterizedTest
  @CsvSource({
    "epochs,0",
    "batch-size,0",
    "hidden,-1",
    "splits,0",
    "threshold-resamples,-1",
    "learning-rate,0",
    "l2,-0.1",
    "validation-fraction,0",
    "test-fraction,1"
  })
  void namesAValueOutOfRange(String name, String value) {
    assertThatThrownBy(() -> settings("{\"" + name + "\":" + value + "}"))
        .isInstanceOf(TrainingFailure.class)
        .hasMessageContaining("hyperparameter '" + name + "' is " + value)
        .hasMessageContaining("expected");
  }

  @Test
  void leavesSomethingToTrainOn() {
    assertThatThrownBy(() -> settings("{\"validation-fraction\":0.5,\"test-fraction\":0.5}"))
        .hasMessageContaining("leave too little to train on");
  }

  private static Settings settings(String hyperparameters) {
    return Settings.of(TrainingJob.from(Map.of("SM_HPS", hyperparameters), System.out));
  }
}
