package dev.mlp.controlplane.metrics;

import java.util.List;
import java.util.OptionalLong;

/**
 * Where the use of an instance is shown.
 *
 * @param namespace such as {@code /aws/sagemaker/Endpoints}
 * @param dimensions instances with the same ones are one series: their samples are averaged
 * @param variant of an endpoint's instance; empty text for a job's
 * @param volumeBytes what it may write; empty where nothing bounds it but the file system
 */
public record MeasuredInstance(
    String namespace, List<Dimension> dimensions, String variant, OptionalLong volumeBytes) {
  public MeasuredInstance {
    dimensions = List.copyOf(dimensions);
  }
}
