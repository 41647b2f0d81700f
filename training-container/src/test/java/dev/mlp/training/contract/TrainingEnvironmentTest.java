package dev.mlp.training.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingEnvironmentTest {
  /**
   * The expected values were computed by SageMaker's training toolkit 5.1.4 from the same inputs,
   * on a machine with four processors and one graphics card.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "script-mode",
        "shell-plain",
        "numbers",
        "text",
        "two-groups",
        "mpi-two-hosts",
        "bare-resource-config"
      })
  void agreesWithTheToolkit(String name) throws Exception {
    PythonValue.Dict golden = resource(name + ".json");
    PythonValue.Dict given = dict(golden, "given");
    TrainingEnvironment environment =
        new TrainingEnvironment(
            new MlPaths(MlPaths.CONTAINER_BASE),
            TrainingInputs.of(
                texts(dict(given, "hyperparameters")),
                dict(given, "channels"),
                dict(given, "resources")),
            new Machine(4, 1),
            texts(dict(given, "environment")));

    List<String> arguments = new ArrayList<>();
    ((PythonValue.Items) golden.get("arguments")).values().forEach(a -> arguments.add(a.str()));
    assertThat(environment.arguments()).isEqualTo(arguments);

    Map<String, String> variables = new LinkedHashMap<>(environment.variables());
    assertThat(variables).containsAllEntriesOf(texts(dict(golden, "outside")));
    variables.keySet().removeIf(variable -> !variable.startsWith("SM_"));
    assertThat(variables).containsExactlyInAnyOrderEntriesOf(texts(dict(golden, "variables")));
  }

  @Test
  void pathsFollowTheBase() {
    TrainingEnvironment environment = of(Map.of("sagemaker_program", "train.py"), Map.of());
    assertThat(environment.variables())
        .containsEntry("SM_MODEL_DIR", "/instances/one/model")
        .containsEntry("SM_CHANNEL_TRAIN", "/instances/one/input/data/train")
        .containsEntry("SM_OUTPUT_DATA_DIR", "/instances/one/output/data")
        .containsEntry("SM_MODULE_DIR", "/instances/one/code")
        .containsEntry("PYTHONPATH", "/instances/one/code");
  }

  @Test
  void theJobsNameIsTakenFromTheHyperparameterWhereThePlatformGivesNone() {
    Map<String, String> given = Map.of("sagemaker_job_name", "\"job-7\"");
    assertThat(of(given, Map.of()).variables())
        .containsEntry("TRAINING_JOB_NAME", "job-7")
        .containsEntry("SAGEMAKER_JOB_NAME", "job-7");
    assertThat(of(given, Map.of("TRAINING_JOB_NAME", "job-8")).variables())
        .doesNotContainKey("TRAINING_JOB_NAME");
  }

  @ParameterizedTest
  @CsvSource({
    "AWS_REGION,eu-west-1,eu-west-1",
    "AWS_DEFAULT_REGION,eu-north-1,eu-north-1",
    "OTHER,x,''"
  })
  void theRegionComesFromTheEnvironmentWhereNoHyperparameterNamesIt(
      String variable, String value, String region) {
    assertThat(of(Map.of(), Map.of(variable, value)).variables())
        .containsEntry("SAGEMAKER_REGION", region);
  }

  @Test
  void anEarlierPythonPathStaysBehindTheCode() {
    assertThat(of(Map.of(), Map.of("PYTHONPATH", "/lib/mine")).variables())
        .containsEntry("PYTHONPATH", "/instances/one/code:/lib/mine");
  }

  @Test
  void theLogLevelIsTheHyperparametersOrInformation() {
    assertThat(of(Map.of(), Map.of()).logLevel()).isEqualTo(20);
    assertThat(of(Map.of("sagemaker_container_log_level", "40"), Map.of()).logLevel())
        .isEqualTo(40);
  }

  @Test
  void aJobWithoutAProgramHasNone() {
    assertThat(of(Map.of("epochs", "3"), Map.of()).program()).isEmpty();
  }

  @Test
  void refusesAResourceConfigurationWithoutHosts() {
    TrainingInputs inputs =
        TrainingInputs.of(Map.of(), new PythonValue.Dict(Map.of()), new PythonValue.Dict(Map.of()));
    assertThatThrownBy(() ->
            new TrainingEnvironment(
                new MlPaths(MlPaths.CONTAINER_BASE), inputs, new Machine(1, 0), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hosts");
  }

  private static TrainingEnvironment of(
      Map<String, String> hyperparameters, Map<String, String> outside) {
    return new TrainingEnvironment(
        new MlPaths(java.nio.file.Path.of("/instances/one")),
        TrainingInputs.of(
            hyperparameters,
            parse("{\"train\":{}}"),
            parse("{\"current_host\":\"algo-1\",\"hosts\":[\"algo-1\"]}")),
        new Machine(2, 0),
        outside);
  }

  private static PythonValue.Dict resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TrainingEnvironmentTest.class.getResourceAsStream(name), name)) {
      return parse(new String(in.readAllBytes(), UTF_8));
    }
  }

  private static PythonValue.Dict parse(String json) {
    try {
      return (PythonValue.Dict) PythonJson.parse(json);
    } catch (NotJsonException e) {
      throw new AssertionError(e);
    }
  }

  private static PythonValue.Dict dict(PythonValue.Dict outer, String key) {
    return (PythonValue.Dict) outer.get(key);
  }

  private static Map<String, String> texts(PythonValue.Dict dict) {
    Map<String, String> texts = new LinkedHashMap<>();
    dict.values().forEach((key, value) -> texts.put(key, ((PythonValue.Text) value).value()));
    return texts;
  }
}
