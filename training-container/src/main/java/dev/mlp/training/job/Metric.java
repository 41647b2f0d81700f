package dev.mlp.training.job;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One measured value, written to the log as {@code name=value;}, for example {@code
 * validation:auc=0.88;}. The value is written as {@link Double#toString(double)} writes it,
 * whatever the machine's locale. {@code NaN} and the infinities are written too, but {@link #regex}
 * does not match them, so that they do not become a metric of the job.
 *
 * @param name letters, digits and {@code . _ : / -}, at least one
 */
public record Metric(String name, double value) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:/-]+");

  public Metric {
    Objects.requireNonNull(name, "name");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "metric name '" + name + "': expected letters, digits and . _ : / - only");
    }
  }

  /**
   * The regular expression for {@code AlgorithmSpecification.MetricDefinitions} that finds this
   * metric in a log line; its one group is the value. A longer name that ends alike ({@code auc} in
   * {@code test:auc}) does not match.
   */
  public static String regex(String name) {
    return "(?:^|[\\s;])"
        + new Metric(name, 0).name.replace(".", "\\.")
        + "=(-?[0-9.]+(?:E-?[0-9]+)?);";
  }

  /** The metric as it stands in the log: {@code validation:auc=0.88;}. */
  @Override
  public String toString() {
    return name + "=" + value + ";";
  }
}
