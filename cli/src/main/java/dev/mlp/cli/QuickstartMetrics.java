package dev.mlp.cli;

import dev.mlp.sdk.S3Uri;
import dev.mlp.sdk.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.MetricData;

/**
 * How good the model is.
 *
 * @param splits by {@code aucMean}, {@code aucStd}, {@code accuracyMean}, {@code accuracyStd};
 *     empty for one split
 */
record QuickstartMetrics(
    double auc, double accuracy, double threshold, Map<String, Double> splits) {
  private static final List<String> OVER_SPLITS =
      List.of("aucMean", "aucStd", "accuracyMean", "accuracyStd");
  private static final String FILE = "metrics.json";

  /**
   * From the metrics the platform found in the log; those over several splits from the job's
   * output.
   */
  static QuickstartMetrics of(Session session, DescribeTrainingJobResponse job, int splits) {
    Map<String, Double> logged = new LinkedHashMap<>();
    for (MetricData metric : job.finalMetricDataList()) {
      logged.put(metric.metricName(), Double.valueOf(metric.value().toString()));
    }
    return new QuickstartMetrics(
        need(logged, "test:auc", "the job's log"),
        need(logged, "test:accuracy", "the job's log"),
        need(logged, "threshold", "the job's log"),
        splits > 1 ? overSplits(session, job) : Map.of());
  }

  private static Map<String, Double> overSplits(Session session, DescribeTrainingJobResponse job) {
    S3Uri output =
        S3Uri.parse(job.outputDataConfig().s3OutputPath())
            .resolve(job.trainingJobName() + "/output/output.tar.gz");
    Map<String, Double> all = new LinkedHashMap<>();
    if (Tree.json(metricsFile(session, output), FILE) instanceof Map<?, ?> map) {
      map.forEach((name, value) -> {
        if (value instanceof Number number) {
          all.put(String.valueOf(name), number.doubleValue());
        }
      });
    }
    Map<String, Double> splits = new LinkedHashMap<>();
    OVER_SPLITS.forEach(name -> splits.put(name, need(all, name, FILE)));
    return splits;
  }

  private static String metricsFile(Session session, S3Uri output) {
    try (InputStream object =
            session.s3().getObject(r -> r.bucket(output.bucket()).key(output.key()));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GZIPInputStream(object), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals(FILE) || entry.getName().endsWith("/" + FILE)) {
          return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + output + ": " + e.getMessage(), e);
    }
    throw new CommandFailure("there is no " + FILE + " in " + output);
  }

  private static double need(Map<String, Double> values, String name, String where) {
    Double value = values.get(name);
    if (value == null) {
      throw new CommandFailure("there is no " + name + " in " + where);
    }
    return value;
  }
}
