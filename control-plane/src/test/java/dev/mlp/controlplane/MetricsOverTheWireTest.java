package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.AccessKeyStore;
import dev.mlp.controlplane.access.AccessKeys;
import dev.mlp.controlplane.access.IdentityOperations;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.http.FrontConfig;
import dev.mlp.controlplane.http.FrontServer;
import dev.mlp.controlplane.metrics.Dimension;
import dev.mlp.controlplane.metrics.MetricId;
import dev.mlp.controlplane.metrics.MetricOperations;
import dev.mlp.controlplane.metrics.MetricSeries;
import dev.mlp.controlplane.metrics.MetricStore;
import dev.mlp.controlplane.metrics.Metrics;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.RequestChecks;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.RecentlyActive;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.sts.StsClient;

/** CloudWatch's operations through the AWS SDK and the real front server. */
@SuppressWarnings("unchecked") // the SDK takes its lambdas as generic varargs
class MetricsOverTheWireTest {
  private static final String NAMESPACE = "/aws/sagemaker/TrainingJobs";
  private static final String REGION = "eu-central-1";
  private final Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES).minusSeconds(600);

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final AccessKeys keys =
      new AccessKeys(new AccessKeyStore(database.jdbi()), Clock.systemUTC());
  private final AccessKey admin = keys.createFirst();
  private final Metrics metrics = new Metrics(new MetricStore(database.jdbi()), Clock.systemUTC());
  private final Vertx vertx = Vertx.vertx();
  private final FrontServer server = server();
  private final URI url = URI.create("http://127.0.0.1:" + server.start());
  private final CloudWatchClient client = client(admin);

  private FrontServer server() {
    OperationTable table = new OperationTable(new RequestChecks(_ -> true));
    Operations.fill(table, new MetricOperations(metrics, Clock.systemUTC()));
    table.sts(
        "GetCallerIdentity",
        software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest::builder,
        new IdentityOperations()::getCallerIdentity);
    return new FrontServer(
        vertx,
        FrontConfig.of("127.0.0.1", 0),
        new FrontServer.Parts(
            table,
            keys,
            (_, _, request, _) -> request.response().end(),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            Clock.systemUTC()),
        Optional.empty(),
        Map.of());
  }

  private CloudWatchClient client(AccessKey key) {
    return client(key, REGION);
  }

  private CloudWatchClient client(AccessKey key, String region) {
    return CloudWatchClient.builder()
        .endpointOverride(url)
        .region(Region.of(region))
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret())))
        .build();
  }

  @BeforeEach
  void twoMinutesOfOneHost() {
    for (int i = 0; i < 24; i++) {
      add("CPUUtilization", "job/algo-1", minute.plusSeconds(5L * i), i);
    }
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    Future.await(vertx.close());
    metrics.close();
    database.close();
  }

  @Test
  void givesStatistics() {
    List<Datapoint> datapoints = client.getMetricStatistics(statistics().build()).datapoints();
    assertThat(datapoints)
        .extracting(Datapoint::timestamp)
        .containsExactly(minute, minute.plusSeconds(60));
    Datapoint second = datapoints.getLast();
    assertThat(second.unit()).isEqualTo(StandardUnit.PERCENT);
    assertThat(second.sampleCount()).isEqualTo(12);
    assertThat(second.average()).isEqualTo(17.5);
    assertThat(second.sum()).isEqualTo(210);
    assertThat(second.minimum()).isEqualTo(12);
    assertThat(second.maximum()).isEqualTo(23);
    assertThat(second.hasExtendedStatistics()).isFalse();
  }

  @Test
  void givesPercentiles() {
    List<Datapoint> datapoints =
        client
            .getMetricStatistics(without().extendedStatistics("p0", "p50", "p99.9").build())
            .datapoints();
    assertThat(datapoints).hasSize(2);
    Map<String, Double> percentiles = datapoints.getLast().extendedStatistics();
    assertThat(percentiles).containsOnlyKeys("p0", "p50", "p99.9");
    assertThat(percentiles.get("p50")).isCloseTo(17, within(0.2));
    assertThat(datapoints.getLast().average()).isNull();
  }

  @Test
  void givesPartsOfAMinute() {
    assertThat(client.getMetricStatistics(statistics().period(10).build()).datapoints())
        .hasSize(12)
        .allSatisfy(datapoint -> assertThat(datapoint.sampleCount()).isEqualTo(2));
  }

  @Test
  void givesNothingOfAnotherUnitHostOrTenant() {
    assertThat(
            client.getMetricStatistics(statistics().unit(StandardUnit.COUNT).build()).datapoints())
        .isEmpty();
    assertThat(
            client
                .getMetricStatistics(
                    statistics().dimensions(d -> d.name("Host").value("j")).build())
                .datapoints())
        .isEmpty();
    assertThat(client.getMetricStatistics(statistics().metricName("Other").build()).label())
        .isEqualTo("Other");
    try (CloudWatchClient elsewhere = client(admin, "us-east-1")) {
      assertThat(elsewhere.getMetricStatistics(statistics().build()).datapoints()).isEmpty();
      assertThat(elsewhere.listMetrics().metrics()).isEmpty();
    }
  }

  @Test
  void refusesWhatCloudWatchRefuses() {
    refused(without(), "InvalidParameterCombination", "At least one of");
    refused(statistics().extendedStatistics("p50"), "InvalidParameterCombination", "together");
    refused(statistics().period(61), "InvalidParameterValue", "multiple of 60");
    refused(statistics().endTime(minute), "InvalidParameterValue", "StartTime must be less");
    refused(
        statistics().startTime(minute.minusSeconds(90_000)),
        "InvalidParameterCombination",
        "exceeds the limit of 1,440");
    refused(
        without().extendedStatistics("tm99"), "InvalidParameterValue", "'tm99' is not supported");
    refused(statistics().period(0), "ValidationError", "'period'");
    refused(statistics().namespace(null), "ValidationError", "'namespace'");
    refused(
        statistics().statisticsWithStrings("Mean"), "ValidationError", "'[Mean]' at 'statistics'");
  }

  private void refused(
      GetMetricStatisticsRequest.Builder request, String code, String messagePart) {
    assertThatThrownBy(() -> client.getMetricStatistics(request.build()))
        .isInstanceOfSatisfying(
            CloudWatchException.class,
            e -> {
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
              assertThat(e.statusCode()).isEqualTo(400);
              assertThat(e.requestId()).isNotBlank();
            })
        .hasMessageContaining(messagePart);
  }

  @ParameterizedTest
  @CsvSource({"2", "1", "3", "100"})
  void givesDataOfManyMetricsInPagesOfAnySize(int pageSize) {
    add("MemoryUtilization", "job/algo-1", minute, 50);
    add("MemoryUtilization", "job/algo-1", minute.plusSeconds(60), 60);
    GetMetricDataRequest request =
        GetMetricDataRequest.builder()
            .startTime(minute)
            .endTime(minute.plusSeconds(120))
            .maxDatapoints(pageSize)
            .metricDataQueries(
                q -> q.id("cpu").metricStat(stat("CPUUtilization", "Maximum")).label("CPU use"),
                q -> q.id("none").metricStat(stat("GPUUtilization", "Average")),
                q -> q.id("hidden").metricStat(stat("CPUUtilization", "Sum")).returnData(false),
                q -> q.id("memory").metricStat(stat("MemoryUtilization", "Average")))
            .build();
    Map<String, List<Double>> values = new TreeMap<>();
    Map<String, String> labels = new TreeMap<>();
    client
        .getMetricDataPaginator(request)
        .metricDataResults()
        .forEach(result -> {
          values.merge(
              result.id(),
              result.values(),
              (one, other) ->
                  IntStream.range(0, one.size() + other.size())
                      .mapToObj(i -> i < one.size() ? one.get(i) : other.get(i - one.size()))
                      .toList());
          labels.put(result.id(), result.label());
          assertThat(result.timestamps()).hasSameSizeAs(result.values());
        });
    assertThat(values)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("cpu", List.of(23.0, 11.0), "none", List.of(), "memory", List.of(60.0, 50.0)));
    assertThat(labels).containsEntry("cpu", "CPU use").containsEntry("memory", "MemoryUtilization");
  }

  @Test
  void givesDataInEitherOrder() {
    List<MetricDataResult> results =
        client
            .getMetricData(r ->
                r.startTime(minute)
                    .endTime(minute.plusSeconds(120))
                    .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                    .metricDataQueries(q -> q.id("m").metricStat(stat("CPUUtilization", "p100"))))
            .metricDataResults();
    assertThat(results).hasSize(1);
    assertThat(results.getFirst().timestamps()).containsExactly(minute, minute.plusSeconds(60));
    assertThat(results.getFirst().values().getFirst()).isCloseTo(11, within(0.11));
    assertThat(results.getFirst().statusCodeAsString()).isEqualTo("Complete");
  }

  @Test
  void refusesQueriesThatItCannotAnswer() {
    refusedData("ValidationError", "metric math", q -> q.id("e").expression("SUM(m1)"));
    refusedData("ValidationError", "must name a metric", q -> q.id("m"));
    refusedData(
        "ValidationError",
        "does not match",
        q -> q.id("Big").metricStat(stat("CPUUtilization", "Sum")));
    refusedData(
        "ValidationError",
        "plain text",
        q -> q.id("m").label("${AVG}").metricStat(stat("CPUUtilization", "Sum")));
    refusedData(
        "InvalidParameterValue", "IQM", q -> q.id("m").metricStat(stat("CPUUtilization", "IQM")));
    assertThatThrownBy(() ->
            client.getMetricData(r ->
                r.startTime(minute)
                    .endTime(minute.plusSeconds(60))
                    .nextToken("nonsense")
                    .metricDataQueries(q -> q.id("m").metricStat(stat("a", "Sum")))))
        .isInstanceOf(
            software.amazon.awssdk.services.cloudwatch.model.InvalidNextTokenException.class);
  }

  private void refusedData(
      String code,
      String messagePart,
      java.util.function.Consumer<
              software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery.Builder>
          query) {
    assertThatThrownBy(() ->
            client.getMetricData(
                r -> r.startTime(minute).endTime(minute.plusSeconds(60)).metricDataQueries(query)))
        .isInstanceOfSatisfying(
            CloudWatchException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code))
        .hasMessageContaining(messagePart);
  }

  @Test
  void listsMetricsByWhatTheyAreCalled() {
    add("MemoryUtilization", "job/algo-1", minute, 1);
    add("CPUUtilization", "job/algo-2", minute, 1);
    assertThat(client.listMetrics().metrics())
        .extracting(MetricsOverTheWireTest::shown)
        .containsExactly(
            "CPUUtilization Host=job/algo-1",
            "CPUUtilization Host=job/algo-2",
            "MemoryUtilization Host=job/algo-1");
    assertThat(
            client
                .listMetrics(r ->
                    r.namespace(NAMESPACE)
                        .metricName("CPUUtilization")
                        .recentlyActive(RecentlyActive.PT3_H)
                        .dimensions(d -> d.name("Host").value("job/algo-2")))
                .metrics())
        .extracting(MetricsOverTheWireTest::shown)
        .containsExactly("CPUUtilization Host=job/algo-2");
    assertThat(client.listMetrics(r -> r.dimensions(d -> d.name("Host"))).metrics()).hasSize(3);
    assertThat(client.listMetrics(r -> r.dimensions(d -> d.name("Other"))).metrics()).isEmpty();
    assertThatThrownBy(() -> client.listMetrics(r -> r.includeLinkedAccounts(true)))
        .hasMessageContaining("no linked accounts");
  }

  @Test
  void listsEveryMetricOnceOverPages() {
    for (int i = 0; i < 1200; i++) {
      add("m", "job-" + i + "/algo-1", minute, i);
    }
    List<Metric> listed =
        client.listMetricsPaginator(r -> r.metricName("m")).metrics().stream().toList();
    assertThat(listed).hasSize(1200).doesNotHaveDuplicates();
    assertThat(client.listMetrics(r -> r.metricName("m")).metrics()).hasSize(500);
  }

  @Test
  void viewersReadAndInvokersDoNot() {
    try (CloudWatchClient viewer = client(keys.create(admin.account(), Role.VIEWER));
        CloudWatchClient invoker = client(keys.create(admin.account(), Role.INVOKER))) {
      assertThat(viewer.listMetrics().metrics()).hasSize(1);
      assertThatThrownBy(invoker::listMetrics)
          .isInstanceOfSatisfying(
              CloudWatchException.class, e -> assertThat(e.statusCode()).isEqualTo(403))
          .hasMessageContaining("monitoring:ListMetrics");
    }
  }

  @Test
  void standsBesideTheOtherServiceOfItsProtocol() {
    try (StsClient sts =
        StsClient.builder()
            .endpointOverride(url)
            .region(Region.of(REGION))
            .httpClient(UrlConnectionHttpClient.create())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(admin.id(), admin.secret())))
            .build()) {
      assertThat(sts.getCallerIdentity().account()).isEqualTo(admin.account());
    }
    assertThatThrownBy(() -> client.describeAlarms())
        .isInstanceOfSatisfying(
            CloudWatchException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidAction"));
  }

  private static String shown(Metric metric) {
    return metric.metricName()
        + " "
        + metric.dimensions().getFirst().name()
        + "="
        + metric.dimensions().getFirst().value();
  }

  private GetMetricStatisticsRequest.Builder without() {
    return statistics().statistics((Collection<Statistic>) null);
  }

  private GetMetricStatisticsRequest.Builder statistics() {
    return GetMetricStatisticsRequest.builder()
        .namespace(NAMESPACE)
        .metricName("CPUUtilization")
        .dimensions(d -> d.name("Host").value("job/algo-1"))
        .startTime(minute.plusMillis(1234))
        .endTime(minute.plusSeconds(120))
        .period(60)
        .statistics(
            Statistic.AVERAGE,
            Statistic.MAXIMUM,
            Statistic.MINIMUM,
            Statistic.SUM,
            Statistic.SAMPLE_COUNT);
  }

  private static MetricStat stat(String metric, String statistic) {
    return MetricStat.builder()
        .metric(m ->
            m.namespace(NAMESPACE)
                .metricName(metric)
                .dimensions(d -> d.name("Host").value("job/algo-1")))
        .period(60)
        .stat(statistic)
        .build();
  }

  private void add(String name, String host, Instant at, double value) {
    metrics.add(
        new MetricSeries(
            new MetricId(
                new Tenant(admin.account(), REGION),
                NAMESPACE,
                name,
                List.of(new Dimension("Host", host))),
            "Percent"),
        at,
        value);
  }
}
