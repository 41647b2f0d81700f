package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.artifact.S3Address;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What an instance of a variant runs: all of the configuration and the model that matters, as it
 * was when the generation was made.
 *
 * @param instanceType as asked for, such as {@code ml.m5.large}
 * @param downloadTimeout for staging the model
 * @param startupTimeout from the program's start to its first passed ping
 */
public record VariantSpec(
    String name,
    String modelName,
    String image,
    Optional<S3Address> modelData,
    Map<String, String> environment,
    boolean networkIsolation,
    String instanceType,
    Duration downloadTimeout,
    Duration startupTimeout) {
  public VariantSpec {
    environment = Map.copyOf(environment);
  }
}
