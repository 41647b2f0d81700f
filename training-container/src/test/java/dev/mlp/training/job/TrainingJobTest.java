package dev.mlp.training.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingJobTest {

  @TempDir private Path base;

  private final Map<String, String> environment = new HashMap<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void stayInTheTemporaryFolder() {
    environment.put("SAGEMAKER_BASE_DIR", base.toString());
  }

  @Test
  void readsHyperparametersByType() {
    environment.put(
        "SM_HPS",
        """
        {"epochs":3,"batch":"64","lr":1e-07,"flag":true,"name":"abc","big":20000000000,
         "list":[1,{"a":2}],"none":null,"decay":NaN}\
        """);
    TrainingJob job = job();

    assertThat(job.hyperparameter("epochs", 100)).isEqualTo(3);
    assertThat(job.hyperparameter("batch", 1)).isEqualTo(64);
    assertThat(job.hyperparameter("lr", 0.1)).isEqualTo(1e-7);
    assertThat(job.hyperparameter("flag", false)).isTrue();
    assertThat(job.hyperparameter("name", "x")).isEqualTo("abc");
    assertThat(job.hyperparameter("big", 1L)).isEqualTo(20_000_000_000L);
    assertThat(job.hyperparameter("list")).hasValue("[1,{\"a\":2}]");
    assertThat(job.hyperparameter("none")).hasValue("");
    assertThat(job.hyperparameter("decay")).hasValue("NaN");
    assertThat(job.hyperparameterNames())
        .containsExactly("epochs", "batch", "lr", "flag", "name", "big", "list", "none", "decay");
  }

  @Test
  void givesTheDefaultOfWhatIsNotThere() {
    TrainingJob job = job();

    assertThat(job.hyperparameter("epochs", 100)).isEqualTo(100);
    assertThat(job.hyperparameter("lr", 0.5)).isEqualTo(0.5);
    assertThat(job.hyperparameter("flag", true)).isTrue();
    assertThat(job.hyperparameter("name", "x")).isEqualTo("x");
    assertThat(job.hyperparameter("name")).isEmpty();
    assertThat(job.hyperparameterNames()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"10.0,10", "1e3,1000", "' 7 ',7", "-2,-2"})
  void takesAWholeNumberInEveryForm(String text, int value) {
    environment.put("SM_HPS", "{\"n\":\"" + text + "\"}");

    assertThat(job().hyperparameter("n", 0)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"ten", "1.5", "99999999999", "''"})
  void namesABadWholeNumberAndWhatWasExpected(String text) {
    environment.put("SM_HPS", "{\"epochs\":\"" + text + "\"}");

    assertThatThrownBy(() -> job().hyperparameter("epochs", 1))
        .isInstanceOf(TrainingFailure.class)
        .hasMessage("hyperparameter 'epochs' is '" + text + "': expected a whole number");
  }

  @Test
  void namesABadNumberAndABadBoolean() {
    environment.put("SM_HPS", "{\"lr\":NaN,\"huge\":\"1e999\",\"flag\":\"yes\"}");

    assertThatThrownBy(() -> job().hyperparameter("lr", 0.1))
        .hasMessage("hyperparameter 'lr' is 'NaN': expected a number");
    assertThatThrownBy(() -> job().hyperparameter("huge", 0.1))
        .hasMessage("hyperparameter 'huge' is '1e999': expected a number");
    assertThatThrownBy(() -> job().hyperparameter("flag", true))
        .hasMessage("hyperparameter 'flag' is 'yes': expected true or false");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[1]", "nothing", "{\"a\":1", "{\"a\":1} x", "{\"a\":1,\"a\":2}"})
  void refusesHyperparametersThatAreNoObject(String json) {
    environment.put("SM_HPS", json);

    assertThatThrownBy(this::job)
        .isInstanceOf(TrainingFailure.class)
        .hasMessageStartingWith("SM_HPS is " + json);
  }

  @Test
  void readsTheConfigurationFileWhereThereIsNoVariable() throws IOException {
    Path config = Files.createDirectories(base.resolve("input/config"));
    Files.writeString(
        config.resolve("hyperparameters.json"),
        """
        {"epochs":"3","name":"\\"abc\\"","odd":"\\"a\\" or b"}\
        """);

    assertThat(job().hyperparameter("epochs", 1)).isEqualTo(3);
    assertThat(job().hyperparameter("name", "")).isEqualTo("abc");
    assertThat(job().hyperparameter("odd", "")).isEqualTo("\"a\" or b");
  }

  @Test
  void findsAChannelByItsVariable() throws IOException {
    Path data = Files.createDirectories(base.resolve("elsewhere"));
    environment.put("SM_CHANNEL_TEST-SET", data.toString());

    assertThat(job().channel("test-set")).isEqualTo(data);
  }

  @Test
  void findsAChannelBelowTheBaseFolder() throws IOException {
    Path data = Files.createDirectories(base.resolve("input/data/train"));

    assertThat(job().channel("train")).isEqualTo(data);
    assertThat(job().channels()).containsExactly("train");
  }

  @Test
  void namesTheChannelsThatExistWhenOneIsMissing() {
    environment.put("SM_CHANNELS", "[\"test\",\"train\"]");

    assertThatThrownBy(() -> job().channel("validation"))
        .isInstanceOf(TrainingFailure.class)
        .hasMessageContaining("channel 'validation' does not exist")
        .hasMessageContaining("test, train");
    environment.put("SM_CHANNELS", "[]");
    assertThatThrownBy(() -> job().channel("train"))
        .hasMessageContaining("the job has no channels");
  }

  @Test
  void createsTheFoldersItHandsOut() {
    environment.put("SM_MODEL_DIR", base.resolve("m").toString());

    assertThat(job().modelDirectory()).isEqualTo(base.resolve("m")).isDirectory();
    assertThat(job().outputDataDirectory()).isEqualTo(base.resolve("output/data")).isDirectory();
  }

  @Test
  void knowsItsHostsAndGpus() {
    assertThat(job().hosts()).containsExactly("algo-1");
    environment.putAll(
        Map.of(
            "SM_HOSTS",
            "[\"algo-1\",\"algo-2\"]",
            "SM_CURRENT_HOST",
            "algo-2",
            "SM_NUM_GPUS",
            "4"));

    assertThat(job().hosts()).isEqualTo(List.of("algo-1", "algo-2"));
    assertThat(job().currentHost()).isEqualTo("algo-2");
    assertThat(job().gpus()).isEqualTo(4);
  }

  @Test
  void writesMetricsAsLines() {
    TrainingJob job = job();
    job.metric("test:auc", 0.75);
    job.metrics("epoch 1/2", new Metric("a", 1), new Metric("b", 2.5));

    assertThat(logText()).isEqualToIgnoringNewLines("test:auc=0.75;epoch 1/2 a=1.0; b=2.5;");
    assertThat(logText().lines()).hasSize(2);
  }

  @Test
  void aProgramThatEndsWellExitsWithZero() {
    assertThat(run(job -> job.log("done"))).isZero();
    assertThat(logText()).isEqualToIgnoringNewLines("done");
    assertThat(base.resolve("output/failure")).doesNotExist();
  }

  @Test
  void aFailureIsToldWithoutAStackTrace() {
    int exit =
        run(job -> {
          throw new TrainingFailure("no rows");
        });

    assertThat(exit).isEqualTo(1);
    assertThat(base.resolve("output/failure")).hasContent("no rows");
    assertThat(logText()).isEqualToIgnoringNewLines("Training failed: no rows");
  }

  @Test
  void anUnexpectedExceptionIsToldWithItsStackTrace() {
    environment.put("SM_OUTPUT_DIR", base.resolve("out").toString());
    int exit =
        run(job -> {
          throw new IOException("disk");
        });

    assertThat(exit).isEqualTo(1);
    assertThat(base.resolve("out/failure")).hasContent("java.io.IOException: disk");
    assertThat(logText()).contains("at dev.mlp.training.job.TrainingJobTest");
  }

  @Test
  void unreadableHyperparametersFailTheJobToo() {
    environment.put("SM_HPS", "[]");

    assertThat(run(job -> job.log("not reached"))).isEqualTo(1);
    assertThat(base.resolve("output/failure")).hasContent("SM_HPS is []: expected a JSON object");
  }

  @Test
  void theFailureFileHoldsWhatThePlatformShows() throws IOException {
    job().reportFailure("x".repeat(3000));

    assertThat(Files.readString(base.resolve("output/failure"))).isEqualTo("x".repeat(1024));
  }

  private TrainingJob job() {
    return TrainingJob.from(environment, stream());
  }

  private int run(TrainingProgram program) {
    return TrainingJob.run(program, environment, stream());
  }

  private PrintStream stream() {
    return new PrintStream(log, true, StandardCharsets.UTF_8);
  }

  private String logText() {
    return log.toString(StandardCharsets.UTF_8);
  }
}
