package dev.mlp.sdk;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * What a session goes by, once builder and environment have been read.
 *
 * @param endpoint the URL of every service without one of its own; empty for AWS itself
 * @param serviceEndpoints URLs by the service's name in AWS_ENDPOINT_URL_…
 */
record SessionSettings(
    Optional<URI> endpoint,
    Map<String, URI> serviceEndpoints,
    Region region,
    AwsCredentialsProvider credentials,
    Optional<String> roleArn,
    Optional<String> trainingImage,
    Optional<String> inferenceImage,
    Optional<String> defaultBucket) {
  private static final String ENDPOINT = "AWS_ENDPOINT_URL";

  SessionSettings {
    serviceEndpoints = Map.copyOf(serviceEndpoints);
  }

  boolean overridesEndpoint() {
    return endpoint.isPresent();
  }

  Optional<URI> endpointOf(String service) {
    URI own = serviceEndpoints.get(service);
    return own == null ? endpoint : Optional.of(own);
  }

  static SessionSettings resolve(
      Map<String, String> environment,
      @Nullable URI endpoint,
      @Nullable Region region,
      @Nullable AwsCredentialsProvider credentials,
      @Nullable String roleArn,
      @Nullable String trainingImage,
      @Nullable String inferenceImage,
      @Nullable String defaultBucket) {
    Map<String, URI> serviceEndpoints = new TreeMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith(ENDPOINT + "_") && !value.isBlank()) {
        serviceEndpoints.put(name.substring(ENDPOINT.length() + 1), url(name, value));
      }
    });
    return new SessionSettings(
        Optional.ofNullable(endpoint)
            .or(() -> variable(environment, ENDPOINT).map(value -> url(ENDPOINT, value))),
        serviceEndpoints,
        region == null ? region(environment) : region,
        credentials == null ? credentials(environment) : credentials,
        Optional.ofNullable(roleArn).or(() -> variable(environment, "MLP_ROLE_ARN")),
        Optional.ofNullable(trainingImage).or(() -> variable(environment, "MLP_TRAINING_IMAGE")),
        Optional.ofNullable(inferenceImage).or(() -> variable(environment, "MLP_INFERENCE_IMAGE")),
        Optional.ofNullable(defaultBucket));
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  private static URI url(String name, String value) {
    try {
      URI url = URI.create(value.strip());
      if (url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(name + " is not a URL: " + value);
    }
    throw new InvalidRequestException(name + " is not a URL with a host: " + value);
  }

  private static Region region(Map<String, String> environment) {
    Optional<String> named =
        variable(environment, "AWS_REGION").or(() -> variable(environment, "AWS_DEFAULT_REGION"));
    if (named.isPresent()) {
      return Region.of(named.get());
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException e) {
      throw new InvalidRequestException("there is no region: set AWS_REGION");
    }
  }

  /**
   * Keys in the environment are taken as they are; the SDK's whole chain costs time at every start.
   */
  private static AwsCredentialsProvider credentials(Map<String, String> environment) {
    Optional<String> id = variable(environment, "AWS_ACCESS_KEY_ID");
    Optional<String> secret = variable(environment, "AWS_SECRET_ACCESS_KEY");
    if (id.isEmpty() || secret.isEmpty()) {
      return DefaultCredentialsProvider.builder().build();
    }
    return StaticCredentialsProvider.create(
        variable(environment, "AWS_SESSION_TOKEN").isPresent()
            ? AwsSessionCredentials.create(
                id.get(), secret.get(), environment.get("AWS_SESSION_TOKEN"))
            : AwsBasicCredentials.create(id.get(), secret.get()));
  }
}
