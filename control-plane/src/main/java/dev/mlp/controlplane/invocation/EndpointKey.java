package dev.mlp.controlplane.invocation;

import dev.mlp.controlplane.access.Tenant;

/**
 * What names an endpoint everywhere: rows, routes, counters.
 *
 * @param name as its creator wrote it, case kept
 */
public record EndpointKey(Tenant tenant, String name) {
  /** {@code arn:aws:sagemaker:<region>:<account>:endpoint/<name>}. */
  public String arn() {
    return tenant.sagemakerArn("endpoint/" + name);
  }

  @Override
  public String toString() {
    return tenant.account() + "/" + tenant.region() + "/" + name;
  }
}
