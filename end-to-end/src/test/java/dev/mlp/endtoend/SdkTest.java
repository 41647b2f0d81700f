package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.sdk.Estimator;
import dev.mlp.sdk.Predictor;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import dev.mlp.sdk.TrainingJobFailedException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

class SdkTest {
  @TempDir static Path temporary;
  private static Server server;
  private static Session session;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start(temporary.resolve("data"));
    session =
        Session.builder()
            .environment(server.clientEnvironment())
            .endpointOverride(URI.create(server.url()))
            .build();
  }

  @AfterAll
  static void stop() throws Exception {
    session.close();
    server.close();
  }

  @Test
  void fitsDeploysPredictsAndDeletes() throws Exception {
    Path home = Command.home();
    Estimator estimator =
        Estimator.builder()
            .session(session)
            .entryPoint(home.resolve("examples/titanic/target/mlp-example-titanic.jar"))
            .hyperparameters(Map.of("epochs", 20, "weight", "Count"))
            .metricDefinitions(Map.of("test:auc", "test:auc=([0-9.]+);"))
            .instanceType("ml.m5.large")
            .build();

    TrainingJob job =
        estimator.fit(
            Map.of("train", home.resolve("examples/titanic/data/british-inquiry-1912.csv")));

    Predictor predictor = Estimator.attach(session, job.name()).deploy(1, "ml.m5.large");
    String answer =
        predictor
            .predict(
                Map.of(
                    "instances", List.of(Map.of("Class", "1st", "Sex", "Female", "Age", "Adult"))))
            .toString();
    assertThat(answer).contains("probability").contains("survived");
    predictor.deleteEndpoint();
    assertThat(server.running()).isZero();
  }

  @Test
  void aFailedJobThrowsItsReason() throws Exception {
    Path script = Files.writeString(temporary.resolve("exit3.sh"), "echo to the log\nexit 3\n");
    Estimator estimator =
        Estimator.builder().session(session).entryPoint(script).instanceType("ml.m5.large").build();

    assertThatThrownBy(() -> estimator.fit(Map.of()))
        .isInstanceOf(TrainingJobFailedException.class)
        .hasMessageContaining("ExitCode 3");
  }

  @Test
  void aJobThatIsNotWaitedForCanBeAttachedTo() throws Exception {
    Path script = Files.writeString(temporary.resolve("ok.sh"), "echo fine\n");
    Estimator estimator =
        Estimator.builder().session(session).entryPoint(script).instanceType("ml.m5.large").build();

    TrainingJob job = estimator.fit(Map.of(), false);

    Eventually.holds(
        java.time.Duration.ofSeconds(30),
        "completed",
        () ->
            session
                .sageMaker()
                .describeTrainingJob(request -> request.trainingJobName(job.name()))
                .trainingJobStatus()
                .equals(TrainingJobStatus.COMPLETED));
  }
}
