package dev.mlp.controlplane.metrics;

import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.PageToken;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.cloudwatch.model.StatusCode;

/**
 * One GetMetricData request: its queries answered in their order, so many points at a time. A token
 * names the query and the time of the last point that was shown.
 */
final class MetricDataPages {
  private static final int MOST_QUERIES = 500;
  private static final int MOST_POINTS = 100_800;
  private static final Pattern ID = Pattern.compile("[a-z][a-zA-Z0-9_]*");

  /** Where the points come from. */
  @FunctionalInterface
  interface Source {
    NavigableMap<Instant, Aggregate> periods(
        Metric metric, MetricPeriod period, Optional<String> unit);
  }

  private record Query(
      MetricDataQuery asked, MetricPeriod period, Statistic statistic, Optional<String> unit) {}

  /** The query that goes on, and what of it was shown; before all time where nothing was. */
  private record Position(int query, Instant shown) {
    static final Position BEGINNING = new Position(0, Instant.MIN);
  }

  private final GetMetricDataRequest request;
  private final Source source;
  private final List<Query> queries = new ArrayList<>();
  private final int limit;

  /**
   * @throws ApiException where the request is none that can be answered
   */
  MetricDataPages(GetMetricDataRequest request, Source source) {
    this.request = request;
    this.source = source;
    this.limit = request.maxDatapoints() == null ? MOST_POINTS : request.maxDatapoints();
    if (limit < 1 || limit > MOST_POINTS) {
      throw invalid("MaxDatapoints must be 1 to " + MOST_POINTS + ", not " + limit + ".");
    }
    if (request.metricDataQueries().size() > MOST_QUERIES) {
      throw invalid("MetricDataQueries must have no more than " + MOST_QUERIES + " members.");
    }
    Set<String> ids = new HashSet<>();
    for (MetricDataQuery query : request.metricDataQueries()) {
      if (!ID.matcher(query.id()).matches()) {
        throw invalid("The id '" + query.id() + "' does not match ^[a-z][a-zA-Z0-9_]*$.");
      }
      if (!ids.add(query.id())) {
        throw invalid("The id '" + query.id() + "' is used by two queries.");
      }
      Query checked = check(query);
      // What is not returned is for expressions, of which there are none.
      if (!Boolean.FALSE.equals(query.returnData())) {
        queries.add(checked);
      }
    }
  }

  private Query check(MetricDataQuery query) {
    MetricStat stat = query.metricStat();
    if (stat == null || stat.metric().namespace() == null || stat.metric().metricName() == null) {
      throw invalid(
          "The query '" + query.id() + "' must name a metric, with its namespace, in MetricStat.");
    }
    if (query.label() != null && query.label().contains("${")) {
      throw invalid("The label of '" + query.id() + "' must be plain text, without ${…}.");
    }
    return new Query(
        query,
        MetricPeriod.of(request.startTime(), request.endTime(), stat.period()),
        MetricOperations.statistic(stat.stat()),
        Optional.ofNullable(stat.unitAsString()));
  }

  GetMetricDataResponse page() {
    Position position = position();
    GetMetricDataResponse.Builder response = GetMetricDataResponse.builder();
    List<MetricDataResult> results = new ArrayList<>();
    int left = limit;
    for (int i = position.query(); i < queries.size(); i++) {
      Query query = queries.get(i);
      Instant shown = i == position.query() ? position.shown() : Instant.MIN;
      List<Instant> times = new ArrayList<>();
      List<Double> values = new ArrayList<>();
      boolean complete = true;
      for (Map.Entry<Instant, Aggregate> period : periods(query, shown).entrySet()) {
        OptionalDouble value = query.statistic().of().apply(period.getValue());
        if (value.isEmpty()) {
          continue;
        }
        if (times.size() == left) {
          complete = false;
          break;
        }
        times.add(period.getKey());
        values.add(value.getAsDouble());
      }
      left -= times.size();
      results.add(result(query.asked(), times, values, complete));
      if (!complete) {
        Instant last = times.isEmpty() ? shown : times.getLast();
        response.nextToken(new PageToken(List.of(Integer.toString(i), last.toString())).encode());
        break;
      }
    }
    return response.metricDataResults(results).build();
  }

  private NavigableMap<Instant, Aggregate> periods(Query query, Instant shown) {
    NavigableMap<Instant, Aggregate> periods =
        source.periods(query.asked().metricStat().metric(), query.period(), query.unit());
    NavigableMap<Instant, Aggregate> scanned =
        request.scanBy() == ScanBy.TIMESTAMP_ASCENDING ? periods : periods.descendingMap();
    return shown.equals(Instant.MIN) ? scanned : scanned.tailMap(shown, false);
  }

  private Position position() {
    if (request.nextToken() == null) {
      return Position.BEGINNING;
    }
    List<String> position =
        MetricOperations.decode(request.nextToken(), ErrorCode.INVALID_NEXT_TOKEN).position();
    try {
      return new Position(
          Math.max(0, Integer.parseInt(position.getFirst())), Instant.parse(position.getLast()));
    } catch (NumberFormatException | DateTimeException e) {
      throw new ApiException(
          ErrorCode.INVALID_NEXT_TOKEN, "The NextToken is of another operation.", Map.of(), e);
    }
  }

  private static MetricDataResult result(
      MetricDataQuery query, List<Instant> times, List<Double> values, boolean complete) {
    return MetricDataResult.builder()
        .id(query.id())
        .label(query.label() == null ? query.metricStat().metric().metricName() : query.label())
        .timestamps(times)
        .values(values)
        .statusCode(complete ? StatusCode.COMPLETE : StatusCode.PARTIAL_DATA)
        .build();
  }

  private static ApiException invalid(String message) {
    return new ApiException(ErrorCode.VALIDATION_ERROR, message);
  }
}
