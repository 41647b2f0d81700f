package dev.mlp.controlplane.container;

import dev.mlp.controlplane.access.Tenant;

/**
 * Whose group it is, kept by the runtime as labels: enough to find the resource from what runs.
 *
 * @param kind {@link Kind#TRAINING_JOB} or {@link Kind#ENDPOINT}
 * @param name the resource's name
 */
public record Owner(Tenant tenant, Kind kind, String name) {
  /** What kind of resource runs it. */
  public enum Kind {
    TRAINING_JOB,
    ENDPOINT
  }
}
