package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.training.TrainingJobState.Cause;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingJobStateJsonTest {
  private static final Instant ONE = Instant.parse("2026-03-01T10:00:00.123456Z");
  private static final Instant TWO = Instant.parse("2026-03-01T11:00:00Z");

  static Stream<TrainingJobState> states() {
    return Stream.of(
        new TrainingJobState.Starting(ONE),
        new TrainingJobState.Pending(ONE, "waiting for \"8\" MiB"),
        new TrainingJobState.Preparing(ONE),
        new TrainingJobState.Downloading(ONE),
        new TrainingJobState.Training(ONE),
        new TrainingJobState.Uploading(Optional.of(ONE), TWO),
        new TrainingJobState.Uploading(Optional.empty(), TWO),
        new TrainingJobState.StopRequested(Cause.USER, Optional.empty(), TWO),
        new TrainingJobState.Stopping(Cause.MAX_RUNTIME, Optional.of(ONE), TWO),
        new TrainingJobState.Completed(ONE, TWO),
        new TrainingJobState.Failed("AlgorithmError:\nline", Optional.empty(), TWO),
        new TrainingJobState.Stopped(Cause.USER, Optional.of(ONE), TWO));
  }

  @ParameterizedTest
  @MethodSource("states")
  void readsWhatItWrote(TrainingJobState state) {
    assertThat(
            TrainingJobStateJson.read(
                TrainingJobStateJson.kind(state), TrainingJobStateJson.data(state)))
        .isEqualTo(state);
  }
}
