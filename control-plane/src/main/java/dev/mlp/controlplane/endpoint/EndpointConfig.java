package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import java.time.Instant;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;

/** Which models an endpoint serves, on what. Immutable from creation to deletion. */
public record EndpointConfig(
    Tenant tenant, CreateEndpointConfigRequest request, Instant createdAt) {
  public String name() {
    return request.endpointConfigName();
  }

  public String arn() {
    return arn(tenant, name());
  }

  /** The ARN that a configuration of this name has or would have. */
  public static String arn(Tenant tenant, String name) {
    return tenant.sagemakerArn("endpoint-config/" + name);
  }
}
