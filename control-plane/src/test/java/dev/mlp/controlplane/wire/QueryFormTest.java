package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;

class QueryFormTest {
  private static final String STATISTICS = "Action=GetMetricStatistics&Version=2010-08-01";

  @Test
  void readsListsStructuresNumbersAndTimes() {
    GetMetricStatisticsRequest request =
        statistics(
            "&Namespace=%2Faws%2Fsagemaker%2FTrainingJobs&MetricName=CPU+%C3%BC"
                + "&Dimensions.member.1.Name=Host&Dimensions.member.1.Value=j%2Falgo-1"
                + "&StartTime=2026-01-31T12%3A00%3A00Z&EndTime=2026-01-31T14%3A00%3A00.5%2B01%3A00"
                + "&Period=60&Statistics.member.1=Average&Statistics.member.2=Maximum");
    assertThat(request.namespace()).isEqualTo("/aws/sagemaker/TrainingJobs");
    assertThat(request.metricName()).isEqualTo("CPU ü");
    assertThat(request.dimensions())
        .singleElement()
        .satisfies(dimension -> {
          assertThat(dimension.name()).isEqualTo("Host");
          assertThat(dimension.value()).isEqualTo("j/algo-1");
        });
    assertThat(request.startTime()).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    assertThat(request.endTime()).isEqualTo(Instant.parse("2026-01-31T13:00:00.500Z"));
    assertThat(request.period()).isEqualTo(60);
    assertThat(request.statisticsAsStrings()).containsExactly("Average", "Maximum");
    assertThat(request.unit()).isNull();
  }

  @Test
  void elementsAreOrderedByTheirNumbers() {
    assertThat(
            statistics(
                    "&ExtendedStatistics.member.10=p90&ExtendedStatistics.member.9=p50"
                        + "&ExtendedStatistics.member.100=p99")
                .extendedStatistics())
        .containsExactly("p50", "p90", "p99");
  }

  @Test
  void anEmptyListIsSentAsEmptyText() {
    assertThat(statistics("&Dimensions=").dimensions()).isEmpty();
  }

  @Test
  void readsStructuresInListsInStructures() {
    WireCodec.Decoded<GetMetricDataRequest> decoded =
        form("Action=GetMetricData&Version=2010-08-01&MetricDataQueries.member.1.Id=m1"
                + "&MetricDataQueries.member.1.MetricStat.Metric.MetricName=x"
                + "&MetricDataQueries.member.1.MetricStat.Period=300"
                + "&MetricDataQueries.member.1.ReturnData=false")
            .decode(GetMetricDataRequest::builder);
    assertThat(decoded.unknown()).isEmpty();
    List<MetricDataQuery> queries = decoded.value().metricDataQueries();
    assertThat(queries).hasSize(1);
    assertThat(queries.getFirst().metricStat().metric().metricName()).isEqualTo("x");
    assertThat(queries.getFirst().metricStat().period()).isEqualTo(300);
    assertThat(queries.getFirst().returnData()).isFalse();
  }

  @Test
  void namesWhatTheModelDoesNotHave() {
    assertThat(
            form(STATISTICS + "&Perod=60&Dimensions.member.2.Nam=x")
                .decode(GetMetricStatisticsRequest::builder)
                .unknown())
        .extracting(WireCodec.UnknownMember::path)
        .containsExactlyInAnyOrder("perod", "dimensions.1.member.nam");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Period=1.5 | 'period': expected a number",
        "StartTime=yesterday | 'startTime': expected a time",
        "Dimensions=x | 'dimensions': expected numbered elements",
        "Dimensions.member.one.Name=x | 'dimensions': expected numbered elements",
        "Dimensions.member.1=x | 'dimensions.1.member': expected members"
      })
  void saysWhereAValueIsOfAnotherKind(String parameter, String problem) {
    assertThatThrownBy(() -> statistics("&" + parameter))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION))
        .hasMessageContaining(problem);
  }

  @Test
  void refusesWhatIsNoForm() {
    assertThatThrownBy(() -> form("a=%zz")).hasMessageContaining("malformed");
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      steps.add(URLEncoder.encode("m" + i, StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> form(String.join(".", steps) + "=1")).hasMessageContaining("too deep");
  }

  @Test
  void isForOneVersionOfOneService() {
    assertThat(form(STATISTICS).action(Service.MONITORING)).isEqualTo("GetMetricStatistics");
    assertThatThrownBy(() -> form(STATISTICS).action(Service.STS))
        .hasMessage("Could not find operation GetMetricStatistics for version 2010-08-01");
    assertThatThrownBy(() -> form("").action(Service.STS))
        .hasMessage("Could not find operation  for version NO_VERSION_SPECIFIED");
  }

  private static GetMetricStatisticsRequest statistics(String parameters) {
    WireCodec.Decoded<GetMetricStatisticsRequest> decoded =
        form(STATISTICS + parameters).decode(GetMetricStatisticsRequest::builder);
    assertThat(decoded.unknown()).isEmpty();
    return decoded.value();
  }

  private static QueryForm form(String text) {
    return QueryForm.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
