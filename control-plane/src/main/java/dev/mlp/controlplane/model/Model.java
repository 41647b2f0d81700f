package dev.mlp.controlplane.model;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.S3Address;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sagemaker.model.CreateModelRequest;

/**
 * What a container serves: its image, the archive that is unpacked for it, and its environment.
 * Immutable from creation to deletion.
 *
 * @param modelData a {@code .tar.gz}; empty for an image that brings its model
 * @param networkIsolation the container reaches nothing but itself
 * @param request as it was asked for
 */
public record Model(
    Tenant tenant,
    String name,
    String image,
    Optional<S3Address> modelData,
    Map<String, String> environment,
    boolean networkIsolation,
    CreateModelRequest request,
    Instant createdAt) {
  public Model {
    environment = Map.copyOf(environment);
  }

  /**
   * @param request valid, with a primary container that names its image
   */
  static Model of(Tenant tenant, CreateModelRequest request, Instant createdAt) {
    var container = request.primaryContainer();
    return new Model(
        tenant,
        request.modelName(),
        container.image(),
        Optional.ofNullable(container.modelDataUrl()).map(S3Address::parse),
        container.environment(),
        Boolean.TRUE.equals(request.enableNetworkIsolation()),
        request,
        createdAt);
  }

  public String arn() {
    return arn(tenant, name);
  }

  /** The ARN that a model of this name has or would have. */
  public static String arn(Tenant tenant, String name) {
    return tenant.sagemakerArn("model/" + name);
  }
}
