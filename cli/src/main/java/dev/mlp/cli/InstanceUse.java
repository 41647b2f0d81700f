package dev.mlp.cli;

import dev.mlp.sdk.Session;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** What instances use, or have used, from the metrics that SageMaker keeps of them. */
final class InstanceUse {
  private static final String TRAINING_JOBS = "/aws/sagemaker/TrainingJobs";
  private static final String ENDPOINTS = "/aws/sagemaker/Endpoints";

  /** SageMaker's names, and how people call them. */
  private static final Map<String, String> METRICS = metrics();

  /** Queries of one request, at most. */
  private static final int MOST_QUERIES = 500;

  /** Bars of a course, at most, and points to ask for. */
  private static final int WIDTH = 24;

  private static final int MOST_POINTS = 120;

  /** What began so recently is also asked for in periods of five seconds. */
  private static final Duration RECENT = Duration.ofSeconds(5L * MOST_POINTS);

  /** Who uses it: a host of a job, or a variant of an endpoint. */
  private record Who(String name, String namespace, List<Dimension> dimensions) {}

  /** What of it. */
  private record What(Who who, String metric) {}

  /** Percentages: the last one, of all time asked for, and the course. */
  private record Use(
      String who, String metric, double last, double average, double maximum, List<Double> course) {
    /** The next full hundred: of one core, or of all the memory, that is 100. */
    double top() {
      return Math.max(100, Math.ceil(maximum / 100) * 100);
    }
  }

  private final List<Use> uses;
  private final boolean running;

  private InstanceUse(List<Use> uses, boolean running) {
    this.uses = List.copyOf(uses);
    this.running = running;
  }

  /** Of a job's hosts, from its beginning to its end or to now. */
  static InstanceUse ofTrainingJob(Session session, DescribeTrainingJobResponse job, Instant now) {
    boolean running = job.trainingJobStatus() == TrainingJobStatus.IN_PROGRESS;
    Instant began = job.trainingStartTime();
    if (began == null) {
      return new InstanceUse(List.of(), running);
    }
    int hosts =
        job.resourceConfig() == null || job.resourceConfig().instanceCount() == null
            ? 1
            : job.resourceConfig().instanceCount();
    List<Who> who =
        IntStream.rangeClosed(1, hosts)
            .mapToObj(host ->
                new Who(
                    "algo-" + host,
                    TRAINING_JOBS,
                    List.of(dimension("Host", job.trainingJobName() + "/algo-" + host))))
            .toList();
    Instant ended = job.trainingEndTime() == null ? now : job.trainingEndTime();
    return of(session, who, began, ended, running);
  }

  /** Of an endpoint's variants, in the last hour; over the instances of a variant. */
  static InstanceUse ofEndpoint(Session session, DescribeEndpointResponse endpoint, Instant now) {
    List<Who> who =
        endpoint.productionVariants().stream()
            .map(variant ->
                new Who(
                    variant.variantName(),
                    ENDPOINTS,
                    List.of(
                        dimension("EndpointName", endpoint.endpointName()),
                        dimension("VariantName", variant.variantName()))))
            .toList();
    Instant hourAgo = now.minus(Duration.ofHours(1));
    Instant began = endpoint.creationTime();
    return of(session, who, began == null || began.isBefore(hourAgo) ? hourAgo : began, now, true);
  }

  private static InstanceUse of(
      Session session, List<Who> who, Instant from, Instant to, boolean running) {
    List<Use> uses = new ArrayList<>();
    try {
      List<What> all =
          who.stream()
              .flatMap(each -> METRICS.keySet().stream().map(metric -> new What(each, metric)))
              .toList();
      int atOnce = MOST_QUERIES / 4;
      for (int i = 0; i < all.size(); i += atOnce) {
        uses.addAll(ask(session, all.subList(i, Math.min(i + atOnce, all.size())), from, to));
      }
    } catch (SdkException e) {
      // It is an addition: a server or a role without metrics still describes the rest.
      return new InstanceUse(List.of(), running);
    }
    return new InstanceUse(uses, running);
  }

  private static List<Use> ask(Session session, List<What> what, Instant from, Instant to) {
    long minutes = Duration.between(from, to).toMinutes() + 1;
    int period = 60 * (int) Math.ceilDiv(minutes, MOST_POINTS);
    List<MetricDataQuery> queries = new ArrayList<>();
    for (int i = 0; i < what.size(); i++) {
      queries.add(query("average" + i, what.get(i), "Average", period));
      queries.add(query("maximum" + i, what.get(i), "Maximum", period));
      queries.add(query("count" + i, what.get(i), "SampleCount", period));
      if (Duration.between(from, to).compareTo(RECENT) <= 0) {
        queries.add(query("fine" + i, what.get(i), "Average", 5));
      }
    }
    Map<String, List<Double>> values = new LinkedHashMap<>();
    for (MetricDataResult result :
        session
            .metrics()
            .getMetricDataPaginator(
                GetMetricDataRequest.builder()
                    .startTime(from.truncatedTo(ChronoUnit.MINUTES))
                    .endTime(to.plusSeconds(1))
                    .scanBy(ScanBy.TIMESTAMP_ASCENDING)
                    .metricDataQueries(queries)
                    .build())
            .metricDataResults()) {
      values.computeIfAbsent(result.id(), _ -> new ArrayList<>()).addAll(result.values());
    }
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < what.size(); i++) {
      List<Double> averages = values.getOrDefault("average" + i, List.of());
      List<Double> maxima = values.getOrDefault("maximum" + i, List.of());
      List<Double> counts = values.getOrDefault("count" + i, List.of());
      if (!averages.isEmpty() && averages.size() == counts.size()) {
        List<Double> fine = values.getOrDefault("fine" + i, List.of());
        List<Double> course = fine.isEmpty() ? averages : fine;
        uses.add(
            new Use(
                what.get(i).who().name(),
                what.get(i).metric(),
                course.getLast(),
                average(averages, counts),
                maxima.stream().mapToDouble(value -> value).max().orElse(0),
                course));
      }
    }
    return uses;
  }

  private static double average(List<Double> averages, List<Double> counts) {
    double sum = 0;
    double count = 0;
    for (int i = 0; i < averages.size(); i++) {
      sum += averages.get(i) * counts.get(i);
      count += counts.get(i);
    }
    return sum / count;
  }

  /** By host or variant, then by SageMaker's name; empty when nothing is known. */
  Optional<Map<String, Object>> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    uses.stream()
        .map(Use::who)
        .distinct()
        .forEach(who -> {
          Map<String, Object> metrics = new LinkedHashMap<>();
          uses.stream()
              .filter(use -> use.who().equals(who))
              .forEach(use -> {
                Map<String, Object> numbers = new LinkedHashMap<>();
                numbers.put(running ? "Now" : "Last", rounded(use.last()));
                numbers.put("Average", rounded(use.average()));
                numbers.put("Maximum", rounded(use.maximum()));
                metrics.put(use.metric(), numbers);
              });
          tree.put(who, metrics);
        });
    return tree.isEmpty() ? Optional.empty() : Optional.of(tree);
  }

  /**
   * One row per host or variant and metric; empty when nothing is known.
   *
   * @param courses with a small picture of how it went
   */
  Optional<Table> table(boolean courses) {
    if (uses.isEmpty()) {
      return Optional.empty();
    }
    String last = running ? "NOW" : "LAST";
    Table table =
        courses
            ? new Table("INSTANCE", "USE", last, "AVERAGE", "MAXIMUM", "COURSE")
            : new Table("INSTANCE", "USE", last, "AVERAGE", "MAXIMUM");
    for (Use use : uses) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  use.who(),
                  METRICS.getOrDefault(use.metric(), use.metric()),
                  percent(use.last()),
                  percent(use.average()),
                  percent(use.maximum())));
      if (courses) {
        cells.add(Sparkline.of(use.course(), use.top(), WIDTH));
      }
      table.row(cells.toArray(String[]::new));
    }
    return Optional.of(table);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f%%", value);
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private static MetricDataQuery query(String id, What what, String statistic, int period) {
    return MetricDataQuery.builder()
        .id(id)
        .metricStat(stat ->
            stat.metric(metric ->
                    metric
                        .namespace(what.who().namespace())
                        .metricName(what.metric())
                        .dimensions(what.who().dimensions()))
                .stat(statistic)
                .period(period))
        .build();
  }

  private static Dimension dimension(String name, String value) {
    return Dimension.builder().name(name).value(value).build();
  }

  private static Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("CPUUtilization", "CPU");
    metrics.put("MemoryUtilization", "memory");
    metrics.put("DiskUtilization", "disk");
    metrics.put("GPUUtilization", "GPU");
    metrics.put("GPUMemoryUtilization", "GPU memory");
    return metrics;
  }
}
