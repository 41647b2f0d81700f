package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.PageToken;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.DimensionFilter;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsResponse;
import software.amazon.awssdk.services.cloudwatch.model.ListMetricsRequest;
import software.amazon.awssdk.services.cloudwatch.model.ListMetricsResponse;
import software.amazon.awssdk.services.cloudwatch.model.Metric;

/** Reading metrics, in the words of CloudWatch. */
public final class MetricOperations {
  private static final long MOST_DATAPOINTS = 1440;
  private static final int METRICS_PER_PAGE = 500;
  private static final Duration LISTED = Duration.ofDays(14);
  private static final Duration RECENT = Duration.ofHours(3);

  private final Metrics metrics;
  private final Clock clock;

  public MetricOperations(Metrics metrics, Clock clock) {
    this.metrics = metrics;
    this.clock = clock;
  }

  /** GetMetricStatistics: one point per period and unit, the earliest first. */
  public GetMetricStatisticsResponse getMetricStatistics(
      Caller caller, GetMetricStatisticsRequest request) {
    if (request.statistics().isEmpty() == request.extendedStatistics().isEmpty()) {
      throw new ApiException(
          ErrorCode.INVALID_PARAMETER_COMBINATION,
          request.statistics().isEmpty()
              ? "At least one of the parameters Statistics and ExtendedStatistics must be specified."
              : "The parameters Statistics and ExtendedStatistics cannot be specified together.");
    }
    List<Statistic> statistics = new ArrayList<>();
    request.statisticsAsStrings().forEach(name -> statistics.add(statistic(name)));
    request.extendedStatistics().forEach(name -> statistics.add(percentile(name)));
    MetricPeriod period = MetricPeriod.of(request.startTime(), request.endTime(), request.period());
    if (period.count() > MOST_DATAPOINTS) {
      throw new ApiException(
          ErrorCode.INVALID_PARAMETER_COMBINATION,
          ("You have requested up to %,d datapoints, which exceeds the limit of %,d. You may reduce"
                  + " the datapoints requested by increasing Period, or decreasing the time range.")
              .formatted(period.count(), MOST_DATAPOINTS));
    }
    MetricId id = id(caller, request.namespace(), request.metricName(), request.dimensions());
    List<Datapoint> datapoints = new ArrayList<>();
    metrics
        .periods(id, period.from(), period.to(), period.length())
        .forEach((unit, periods) -> {
          if (request.unit() == null || unit.equals(request.unitAsString())) {
            periods.forEach(
                (at, aggregate) -> datapoints.add(datapoint(at, unit, aggregate, statistics)));
          }
        });
    return GetMetricStatisticsResponse.builder()
        .label(request.metricName())
        .datapoints(datapoints)
        .build();
  }

  private static Datapoint datapoint(
      Instant at, String unit, Aggregate aggregate, List<Statistic> statistics) {
    Datapoint.Builder datapoint = Datapoint.builder().timestamp(at).unit(unit);
    Map<String, Double> percentiles = new HashMap<>();
    for (Statistic statistic : statistics) {
      statistic
          .of()
          .apply(aggregate)
          .ifPresent(value -> {
            switch (statistic.name()) {
              case "SampleCount" -> datapoint.sampleCount(value);
              case "Average" -> datapoint.average(value);
              case "Sum" -> datapoint.sum(value);
              case "Minimum" -> datapoint.minimum(value);
              case "Maximum" -> datapoint.maximum(value);
              default -> percentiles.put(statistic.name(), value);
            }
          });
    }
    return percentiles.isEmpty()
        ? datapoint.build()
        : datapoint.extendedStatistics(percentiles).build();
  }

  /** GetMetricData, without expressions. */
  public GetMetricDataResponse getMetricData(Caller caller, GetMetricDataRequest request) {
    return new MetricDataPages(
            request, (metric, period, unit) -> merged(caller, metric, period, unit))
        .page();
  }

  /** Of all units, unless one is asked for: a result has room for one value per period. */
  private NavigableMap<Instant, Aggregate> merged(
      Caller caller, Metric metric, MetricPeriod period, Optional<String> unit) {
    MetricId id = id(caller, metric.namespace(), metric.metricName(), metric.dimensions());
    NavigableMap<Instant, Aggregate> merged = new TreeMap<>();
    metrics
        .periods(id, period.from(), period.to(), period.length())
        .forEach((name, periods) -> {
          if (unit.map(name::equals).orElse(true)) {
            periods.forEach((at, aggregate) ->
                merged.computeIfAbsent(at, _ -> new Aggregate()).merge(aggregate));
          }
        });
    return merged;
  }

  /** ListMetrics: those of the last two weeks. */
  public ListMetricsResponse listMetrics(Caller caller, ListMetricsRequest request) {
    Optional<List<String>> behind =
        Optional.ofNullable(request.nextToken()).map(MetricOperations::position);
    Instant since =
        clock.instant().minus(request.recentlyActiveAsString() == null ? LISTED : RECENT);
    List<MetricId> found =
        metrics
            .list(
                caller.tenant(),
                Optional.ofNullable(request.namespace()),
                Optional.ofNullable(request.metricName()),
                since)
            .stream()
            .filter(id -> matches(id, request.dimensions()))
            .filter(id ->
                behind.map(last -> MetricId.ORDER.compare(id.position(), last) > 0).orElse(true))
            .limit(METRICS_PER_PAGE + 1L)
            .toList();
    List<MetricId> page = found.subList(0, Math.min(found.size(), METRICS_PER_PAGE));
    ListMetricsResponse.Builder response =
        ListMetricsResponse.builder().metrics(page.stream().map(MetricOperations::metric).toList());
    if (found.size() > page.size()) {
      response.nextToken(new PageToken(page.getLast().position()).encode());
    }
    return response.build();
  }

  private static List<String> position(String token) {
    List<String> position = decode(token, ErrorCode.INVALID_PARAMETER_VALUE).position();
    if (position.size() != 3) {
      throw new ApiException(
          ErrorCode.INVALID_PARAMETER_VALUE, "The NextToken is of another operation.");
    }
    return position;
  }

  /** A token; one that is not ours is refused in this service's words. */
  static PageToken decode(String token, ErrorCode code) {
    try {
      return PageToken.decode(token);
    } catch (ApiException e) {
      throw new ApiException(code, e.message(), Map.of(), e);
    }
  }

  private static boolean matches(MetricId id, Collection<DimensionFilter> filters) {
    return filters.stream()
        .allMatch(filter ->
            id.dimensions().stream()
                .anyMatch(dimension ->
                    dimension.name().equals(filter.name())
                        && (filter.value() == null || dimension.value().equals(filter.value()))));
  }

  private static Metric metric(MetricId id) {
    return Metric.builder()
        .namespace(id.namespace())
        .metricName(id.name())
        .dimensions(
            id.dimensions().stream()
                .map(dimension ->
                    software.amazon.awssdk.services.cloudwatch.model.Dimension.builder()
                        .name(dimension.name())
                        .value(dimension.value())
                        .build())
                .toList())
        .build();
  }

  private static MetricId id(
      Caller caller,
      String namespace,
      String name,
      List<software.amazon.awssdk.services.cloudwatch.model.Dimension> dimensions) {
    return new MetricId(
        caller.tenant(),
        namespace,
        name,
        dimensions.stream().map(d -> new Dimension(d.name(), d.value())).toList());
  }

  /** A statistic of either kind. */
  static Statistic statistic(String name) {
    return Statistic.named(name).orElseThrow(() -> noStatistic(name));
  }

  private static Statistic percentile(String name) {
    return Statistic.percentile(name).orElseThrow(() -> noStatistic(name));
  }

  private static ApiException noStatistic(String name) {
    return new ApiException(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "The statistic '"
            + name
            + "' is not supported: expected SampleCount, Average, Sum, Minimum, Maximum or a"
            + " percentile such as p99.9.");
  }
}
