package dev.mlp.controlplane.metrics;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One number of a period's samples.
 *
 * @param name as CloudWatch has it: {@code Average}, {@code p99.9}
 * @param of empty where the samples' distribution is not known
 */
record Statistic(String name, Function<Aggregate, OptionalDouble> of) {
  private static final Pattern PERCENTILE = Pattern.compile("p(100|\\d{1,2}(?:\\.\\d{0,10})?)");

  /** Empty for one that there is not. */
  static Optional<Statistic> named(String name) {
    return switch (name) {
      case "SampleCount" -> simple(name, Aggregate::count);
      case "Average" -> simple(name, Aggregate::average);
      case "Sum" -> simple(name, Aggregate::sum);
      case "Minimum" -> simple(name, Aggregate::min);
      case "Maximum" -> simple(name, Aggregate::max);
      default -> percentile(name);
    };
  }

  private static Optional<Statistic> simple(String name, ToDoubleFunction<Aggregate> of) {
    return Optional.of(
        new Statistic(name, aggregate -> OptionalDouble.of(of.applyAsDouble(aggregate))));
  }

  static Optional<Statistic> percentile(String name) {
    Matcher matcher = PERCENTILE.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    double share = Double.parseDouble(matcher.group(1)) / 100;
    return Optional.of(
        new Statistic(
            name,
            aggregate ->
                aggregate.hasPercentiles()
                    ? OptionalDouble.of(aggregate.percentile(share))
                    : OptionalDouble.empty()));
  }
}
