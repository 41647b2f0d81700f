package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.Phase;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the runtime is with a job's image and data. Asked for when somebody looks, and not kept:
 * it changes too often, and says nothing once it is over.
 */
final class StagingProgress {
  private static final Logger logger = LoggerFactory.getLogger(StagingProgress.class);

  private final ContainerRuntime runtime;

  StagingProgress(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** In words, such as {@code 3 of 12 objects, 4.1 of 10 MiB}; empty where there is none. */
  String of(TrainingJob job) {
    if (!(job.state() instanceof TrainingJobState.Downloading)) {
      return "";
    }
    try {
      return runtime.observe(job.group()).stream()
          .flatMap(group -> group.members().stream())
          .flatMap(member ->
              member.phase() instanceof Phase.Staging(String progress)
                  ? Stream.of(
                      job.hosts().size() > 1 ? member.hostName() + ": " + progress : progress)
                  : Stream.empty())
          .collect(Collectors.joining("; "));
    } catch (ContainerRuntimeException e) {
      logger.warn("cannot tell how far training job {} is", job.key().arn(), e);
      return "";
    }
  }
}
