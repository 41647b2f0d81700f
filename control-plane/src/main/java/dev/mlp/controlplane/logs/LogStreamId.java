package dev.mlp.controlplane.logs;

import dev.mlp.controlplane.access.Tenant;

/**
 * One log stream.
 *
 * @param group such as {@code /aws/sagemaker/TrainingJobs}
 * @param stream such as {@code my-job/algo-1-1700000000}
 */
public record LogStreamId(Tenant tenant, String group, String stream) {}
