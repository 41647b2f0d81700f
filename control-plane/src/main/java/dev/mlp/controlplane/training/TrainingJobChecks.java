package dev.mlp.controlplane.training;

import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Manifest;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.StagingException;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be told wrong about a job before it is accepted. */
final class TrainingJobChecks {
  private final ContainerRuntime runtime;
  private final ArtifactStore artifacts;
  private final TrainingPlacement placement;

  TrainingJobChecks(
      ContainerRuntime runtime, ArtifactStore artifacts, TrainingPlacement placement) {
    this.runtime = runtime;
    this.artifacts = artifacts;
    this.placement = placement;
  }

  /**
   * @param roleArn for the message alone
   * @throws ApiException VALIDATION for what cannot work; RESOURCE_LIMIT_EXCEEDED for what the
   *     machine is too small for; SERVICE_UNAVAILABLE when the object store cannot be asked
   */
  void check(TrainingJobKey key, TrainingJobDefinition definition, String roleArn) {
    List<String> problems = new ArrayList<>();
    try {
      runtime.checkImage(definition.image());
    } catch (ContainerRuntimeException e) {
      problems.add("AlgorithmSpecification.TrainingImage: " + e.getMessage());
    }
    if (!placement.knowsType(definition)) {
      problems.add(
          "ResourceConfig.InstanceType '"
              + definition.instanceType()
              + "': expected an instance type such as ml.m5.large, or local");
    }
    if (definition.networkIsolation() && !runtime.capabilities().networkIsolation()) {
      problems.add(
          "EnableNetworkIsolation: the "
              + runtime.name()
              + " runtime cannot cut instances off from the network; leave it out");
    }
    if (!problems.isEmpty()) {
      throw ApiException.validation(String.join("; ", problems));
    }
    checkSize(definition);
    try {
      checkInputs(key, definition, roleArn);
      checkOutput(definition.outputPath());
    } catch (IOException e) {
      throw new ApiException(
          ErrorCode.SERVICE_UNAVAILABLE,
          "The object store cannot be reached to look for the job's input and output. Please try again.",
          Map.of(),
          e);
    }
  }

  /** The code with which SageMaker refuses instances that an account cannot have. */
  private void checkSize(TrainingJobDefinition definition) {
    Optional<String> refusal = placement.refusal(definition);
    if (refusal.isPresent()) {
      throw new ApiException(ErrorCode.RESOURCE_LIMIT_EXCEEDED, refusal.get());
    }
  }

  private void checkInputs(TrainingJobKey key, TrainingJobDefinition definition, String roleArn)
      throws IOException {
    for (TrainingJobDefinition.Channel channel : definition.channels()) {
      switch (channel.kind()) {
        case PREFIX, ARCHIVE -> {
          if (!artifacts.anyBelow(channel.source())) {
            throw ApiException.validation(noObjects(key, channel.source(), roleArn));
          }
        }
        case MANIFEST -> checkManifest(channel);
      }
    }
    if (definition.code().isPresent() && artifacts.find(definition.code().get()).isEmpty()) {
      throw ApiException.validation(
          "No S3 objects found under S3 URL \"%s\" given in hyperparameter sagemaker_submit_directory."
                  .formatted(definition.code().get())
              + " Please ensure that the archive of the code has been uploaded.");
    }
  }

  /** Whether it can be read; the objects that it names are looked for when they are staged. */
  private void checkManifest(TrainingJobDefinition.Channel channel) throws IOException {
    try {
      var _ = Manifest.read(artifacts, channel.source());
    } catch (StagingException e) {
      throw ApiException.validation(
          "InputDataConfig channel '%s': %s".formatted(channel.name(), e.getMessage()));
    }
  }

  /** A bucket that is missing is found out now, and not when there is a model to lose. */
  private void checkOutput(S3Address output) throws IOException {
    if (!artifacts.bucketExists(output.bucket())) {
      throw ApiException.validation(
          "OutputDataConfig.S3OutputPath \"%s\": there is no bucket \"%s\". Please create it first (aws s3 mb s3://%s), or name one that exists."
              .formatted(output, output.bucket(), output.bucket()));
    }
  }

  private static String noObjects(TrainingJobKey key, S3Address source, String roleArn) {
    return ("No S3 objects found under S3 URL \"%s\" given in input data source. Please ensure that"
            + " the bucket exists in the selected region (%s), that objects exist under that S3"
            + " prefix, and that the role \"%s\" has \"s3:ListBucket\" permissions on bucket"
            + " \"%s\".")
        .formatted(source, key.tenant().region(), roleArn, source.bucket());
  }
}
