package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.artifact.S3Address;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an instance of a variant runs: all of the configuration and the model that matters, as it
 * was when the generation was made.
 *
 * @param instanceType as asked for, such as {@code ml.m5.large}
 * @param instances how many the endpoint begins with, of all its variants: fitted types leave room
 *     for as many
 * @param volumeBytes what each instance may write; empty for no bound
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
    int instances,
    OptionalLong volumeBytes,
    Duration downloadTimeout,
    Duration startupTimeout) {
  public VariantSpec {
    environment = Map.copyOf(environment);
  }
}
