package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HyperParametersTest {
  @Test
  void encodesEachValueAsPythonsJsonDoes() {
    // The right-hand sides are what json.dumps gives in Python 3.11.
    assertThat(
            HyperParameters.json(
                Map.of(
                    "epochs",
                    3,
                    "name",
                    "a\"b\\c\n",
                    "umlaut",
                    "grün 😀",
                    "flag",
                    true,
                    "list",
                    List.of(1, 2, "x"),
                    "map",
                    new TreeMap<>(Map.of("a", 1, "b", 2.5)),
                    "array",
                    new int[] {1, 2},
                    "big",
                    9_000_000_000L)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "epochs", "3",
                "name", "\"a\\\"b\\\\c\\n\"",
                "umlaut", "\"gr\\u00fcn \\ud83d\\ude00\"",
                "flag", "true",
                "list", "[1, 2, \"x\"]",
                "map", "{\"a\": 1, \"b\": 2.5}",
                "array", "[1, 2]",
                "big", "9000000000"));
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "1.0, 1.0",
    "100.0, 100.0",
    "0.001, 0.001",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "0.000012, 1.2e-05",
    "1e15, 1000000000000000.0",
    "1e16, 1e+16",
    "-1.25e-7, -1.25e-07",
    "1e100, 1e+100",
    "-0.0, -0.0",
    "0.30000000000000004, 0.30000000000000004",
    "NaN, NaN",
    "-Infinity, -Infinity"
  })
  void writesFloatsAsPythonShowsThem(double value, String expected) {
    assertThat(PythonJson.dumps(value)).isEqualTo(expected);
  }

  @Test
  void writesAFloatByItsOwnDigitsAndNull() {
    assertThat(PythonJson.dumps(0.1f)).isEqualTo("0.1");
    assertThat(PythonJson.dumps(null)).isEqualTo("null");
  }

  @Test
  void leavesTextAsItIsForAnImageWithItsOwnProgram() {
    assertThat(HyperParameters.plain(Map.of("name", "abc", "lr", 0.1, "epochs", 3, "flag", true)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("name", "abc", "lr", "0.1", "epochs", "3", "flag", "true"));
  }

  @Test
  void saysWhereTheScriptIs() {
    assertThat(
            HyperParameters.script(
                new HyperParameters.Script(
                    S3Uri.parse("s3://b/job/source/sourcedir.tar.gz"),
                    "train.py",
                    "job",
                    "us-east-1")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "sagemaker_submit_directory", "\"s3://b/job/source/sourcedir.tar.gz\"",
                "sagemaker_program", "\"train.py\"",
                "sagemaker_container_log_level", "20",
                "sagemaker_job_name", "\"job\"",
                "sagemaker_region", "\"us-east-1\""));
  }

  @Test
  void refusesWhatHasNoJson() {
    assertThatThrownBy(() -> HyperParameters.json(Map.of("x", new Object())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Object");
  }
}
