package dev.mlp.controlplane.training;

import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.logs.LogStreamId;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A training job as it stands in its row.
 *
 * @param group what its instances are called at the runtime
 * @param version of the row, for guarded updates
 */
public record TrainingJob(
    TrainingJobKey key,
    GroupId group,
    TrainingJobDefinition definition,
    TrainingJobState state,
    long version,
    Instant createdAt) {
  /** Where the logs of all training jobs are, as on SageMaker. */
  public static final String LOG_GROUP = "/aws/sagemaker/TrainingJobs";

  /** {@code algo-1} and on. */
  public List<String> hosts() {
    return IntStream.rangeClosed(1, definition.instanceCount()).mapToObj(i -> "algo-" + i).toList();
  }

  /** {@code <job>/<host>-<epoch seconds of its creation>}. */
  public LogStreamId log(String host) {
    return new LogStreamId(
        key.tenant(), LOG_GROUP, key.name() + "/" + host + "-" + createdAt.getEpochSecond());
  }

  /** Where its model goes. */
  public S3Address modelArtifact() {
    return output("model.tar.gz");
  }

  /** {@code <S3OutputPath>/<job>/output/<file>}. */
  S3Address output(String file) {
    return definition.outputPath().resolve(key.name().value()).resolve("output").resolve(file);
  }
}
