package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.Tenant;

/** Names one training job of this server. */
public record TrainingJobKey(Tenant tenant, TrainingJobName name) {
  /** {@code arn:aws:sagemaker:<region>:<account>:training-job/<name>}. */
  public String arn() {
    return tenant.sagemakerArn("training-job/" + name);
  }
}
