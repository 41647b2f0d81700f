package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstanceUseTest {
  private final Shell shell = new Shell();

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    shell.close();
    assertThat(shell.aws.refused()).isEmpty();
  }

  @Test
  void showsWhatTheHostsOfARunningJobUse() {
    job("InProgress", Instant.now().getEpochSecond() - 100, 2);
    use(
        Map.of(
            "job/algo-1 CPUUtilization Average 60", "100 150",
            "job/algo-1 CPUUtilization Maximum 60", "120 198",
            "job/algo-1 CPUUtilization SampleCount 60", "12 4",
            "job/algo-1 CPUUtilization Average 5", "80 120 180.2",
            "job/algo-2 MemoryUtilization Average 60", "41 42",
            "job/algo-2 MemoryUtilization Maximum 60", "44 43",
            "job/algo-2 MemoryUtilization SampleCount 60", "12 12"));
    assertThat(shell.run("jobs", "describe", "job")).isZero();
    assertThat(shell.err()).isEmpty();
    assertThat(shell.out().lines().toList())
        .contains("TrainingJobName: job")
        .endsWith(
            "",
            "INSTANCE  USE     NOW     AVERAGE  MAXIMUM",
            "algo-1    CPU     180.2%  112.5%   198.0%",
            "algo-2    memory  42.0%   41.5%    44.0%");
    assertThat(shell.aws.calls("GetMetricData")).hasSize(1);
  }

  @Test
  void addsNumbersToTheDocumentOfAnEndedJob() {
    job("Completed", 1_700_000_000, 1);
    use(
        Map.of(
            "job/algo-1 DiskUtilization Average 120", "1.234 5.678",
            "job/algo-1 DiskUtilization Maximum 120", "2 6",
            "job/algo-1 DiskUtilization SampleCount 120", "1 1"));
    assertThat(shell.run("jobs", "describe", "job", "--output", "json")).isZero();
    assertThat(shell.json())
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("TrainingJobName", "job")
        .containsEntry(
            "Usage",
            Map.of(
                "algo-1",
                Map.of("DiskUtilization", Map.of("Last", 5.68, "Average", 3.46, "Maximum", 6.0))));
    JsonNode asked = shell.aws.calls("GetMetricData").getFirst();
    // Two hours and a minute: points of two minutes, none of five seconds.
    assertThat(asked.path("StartTime").asText()).isEqualTo("2023-11-14T22:13:00Z");
    assertThat(asked.path("EndTime").asText()).isEqualTo("2023-11-15T00:13:21Z");
    assertThat(asked.toString()).contains("\"120\"").doesNotContain("\"5\"");
  }

  @Test
  void isSilentWhereNothingIsKnown() {
    job("Completed", 1_700_000_000, 1);
    use(Map.of());
    assertThat(shell.run("jobs", "describe", "job")).isZero();
    assertThat(shell.out()).doesNotContain("INSTANCE");
    assertThat(shell.run("jobs", "describe", "job", "--output", "json")).isZero();
    assertThat(shell.out()).doesNotContain("Usage");
  }

  @Test
  void isSilentWhereTheServerHasNoMetrics() {
    job("Completed", 1_700_000_000, 1);
    assertThat(shell.run("jobs", "describe", "job")).isZero();
    assertThat(shell.out()).contains("TrainingJobName: job").doesNotContain("INSTANCE");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void asksNothingOfAJobThatHasNotBegun() {
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.json("{'TrainingJobName': 'job', 'TrainingJobStatus': 'InProgress'}"));
    assertThat(shell.run("jobs", "describe", "job")).isZero();
    assertThat(shell.aws.calls("GetMetricData")).isEmpty();
  }

  @Test
  void showsWhatTheVariantsOfAnEndpointUse() {
    shell.aws.on(
        "DescribeEndpoint",
        Reply.json(
            "{'EndpointName': 'e', 'EndpointStatus': 'InService', 'CreationTime': 1700000000,"
                + " 'ProductionVariants': [{'VariantName': 'v1'}]}"));
    use(
        Map.of(
            "e v1 CPUUtilization Average 60", "10",
            "e v1 CPUUtilization Maximum 60", "30",
            "e v1 CPUUtilization SampleCount 60", "24"));
    assertThat(shell.run("endpoints", "describe", "e")).isZero();
    assertThat(shell.out()).contains("v1        CPU  10.0%  10.0%    30.0%");
  }

  @Test
  void asksForManyHostsInSeveralRequests() {
    job("Completed", 1_700_000_000, 60);
    use(Map.of());
    assertThat(shell.run("jobs", "describe", "job")).isZero();
    assertThat(shell.aws.calls("GetMetricData")).hasSize(3);
  }

  @Test
  void aSparklineHasABarPerValueOrPerSeveral() {
    assertThat(Sparkline.of(List.of(0.0, 12.5, 50.0, 99.0, 100.0), 100, 24)).isEqualTo("▁▂▅██");
    assertThat(Sparkline.of(List.of(0.0, 0.0, 100.0, 100.0), 200, 2)).isEqualTo("▁▅");
    assertThat(Sparkline.of(List.of(), 100, 24)).isEmpty();
  }

  private void job(String status, long began, int hosts) {
    shell.aws.on(
        "DescribeTrainingJob",
        Reply.json(
            "{'TrainingJobName': 'job', 'TrainingJobStatus': '%s', 'ResourceConfig': {'InstanceCount': %d}, 'TrainingStartTime': %d%s}"
                .formatted(
                    status,
                    hosts,
                    began,
                    status.equals("InProgress") ? "" : ", 'TrainingEndTime': " + (began + 7200))));
  }

  /** By dimension values, metric, statistic and period: values, the earliest first. */
  private void use(Map<String, String> values) {
    shell.aws.on("GetMetricData", request -> answer(request, values));
  }

  private static Reply answer(JsonNode request, Map<String, String> values) {
    StringBuilder results = new StringBuilder();
    for (int i = 1; request.has("MetricDataQueries.member." + i + ".Id"); i++) {
      String query = "MetricDataQueries.member." + i + ".";
      Map<String, String> dimensions = new TreeMap<>();
      String dimension = query + "MetricStat.Metric.Dimensions.member.";
      for (int d = 1; request.has(dimension + d + ".Name"); d++) {
        dimensions.put(
            request.path(dimension + d + ".Name").asText(),
            request.path(dimension + d + ".Value").asText());
      }
      String key =
          String.join(" ", dimensions.values())
              + " "
              + request.path(query + "MetricStat.Metric.MetricName").asText()
              + " "
              + request.path(query + "MetricStat.Stat").asText()
              + " "
              + request.path(query + "MetricStat.Period").asText();
      results
          .append("<member><Id>")
          .append(request.path(query + "Id").asText())
          .append("</Id><Timestamps/><Values>");
      for (String value : values.getOrDefault(key, "").split(" ", -1)) {
        if (!value.isEmpty()) {
          results.append("<member>").append(value).append("</member>");
        }
      }
      results.append("</Values><StatusCode>Complete</StatusCode></member>");
    }
    return Reply.of(
        "text/xml",
        "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults>"
            + results
            + "</MetricDataResults></GetMetricDataResult></GetMetricDataResponse>");
  }
}
