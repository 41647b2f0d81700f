package dev.mlp.sdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemaker.model.ContainerDefinition;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;

/**
 * A model to be served: an artifact in object storage or on this machine, and the image that serves
 * it. On this machine it may be a folder, a tar.gz or a zip; a bare SavedModel becomes version 1.
 */
public final class Model {
  /** SageMaker's own name for the only variant. */
  public static final String VARIANT = "AllTraffic";

  private final Session session;
  private final Optional<S3Uri> remote;
  private final Optional<Path> local;
  private final @Nullable String image;
  private final @Nullable String roleArn;
  private final @Nullable String baseName;
  private final Map<String, String> environment;

  private Model(Builder builder, Session session) {
    this.session = session;
    this.remote = Optional.ofNullable(builder.remote);
    this.local = Optional.ofNullable(builder.local);
    this.image = builder.image;
    this.roleArn = builder.roleArn;
    this.baseName = builder.baseName;
    this.environment = Map.copyOf(builder.environment);
  }

  /** A model on a session by the environment, unless the builder gets another. */
  public static Builder builder() {
    return new Builder();
  }

  /** Deploys to an endpoint with a name of its own and waits until it answers. */
  public Predictor deploy(int instanceCount, String instanceType) {
    return deploy(session.names().from(base()), instanceCount, instanceType);
  }

  /** Deploys to an endpoint of that name and waits until it answers. */
  public Predictor deploy(String endpointName, int instanceCount, String instanceType) {
    return deploy(endpointName, instanceCount, instanceType, DeploymentListener.SILENT);
  }

  /**
   * Creates the model, its configuration and the endpoint, and waits until it answers.
   *
   * @throws InvalidRequestException if it cannot work; nothing was uploaded then
   * @throws EndpointFailedException if it does not come into service
   */
  public Predictor deploy(
      String endpointName, int instanceCount, String instanceType, DeploymentListener listener) {
    Endpoint endpoint = start(endpointName, instanceCount, instanceType, listener);
    endpoint.awaitInService(listener);
    return new Predictor(session, endpointName);
  }

  /**
   * Creates everything and does not wait. What was created is removed again if the endpoint is
   * refused.
   */
  public Endpoint start(
      String endpointName, int instanceCount, String instanceType, DeploymentListener listener) {
    ContainerDefinition.Builder container = checked(endpointName, instanceCount);
    String name = session.names().from(endpointName);
    S3Uri artifact = remote.orElseGet(() -> upload(name, local.orElseThrow(), listener));
    container.modelDataUrl(artifact.toString());
    SageMakerClient sageMaker = session.sageMaker();
    sageMaker.createModel(
        r -> r.modelName(name).executionRoleArn(role()).primaryContainer(container.build()));
    try {
      sageMaker.createEndpointConfig(r ->
          r.endpointConfigName(name)
              .productionVariants(
                  ProductionVariant.builder()
                      .variantName(VARIANT)
                      .modelName(name)
                      .initialInstanceCount(instanceCount)
                      .instanceType(instanceType)
                      .initialVariantWeight(1f)
                      .build()));
      try {
        sageMaker.createEndpoint(r -> r.endpointName(endpointName).endpointConfigName(name));
      } catch (SdkException e) {
        undo(e, () -> sageMaker.deleteEndpointConfig(r -> r.endpointConfigName(name)));
        throw e;
      }
    } catch (SdkException e) {
      undo(e, () -> sageMaker.deleteModel(r -> r.modelName(name)));
      throw e;
    }
    return new Endpoint(session, endpointName);
  }

  private static void undo(SdkException cause, Runnable undo) {
    try {
      undo.run();
    } catch (SdkException e) {
      cause.addSuppressed(e);
    }
  }

  private ContainerDefinition.Builder checked(String endpointName, int instanceCount) {
    List<String> problems = new ArrayList<>();
    if (!UniqueName.isValid(endpointName)) {
      problems.add(
          "the endpoint name '"
              + endpointName
              + "' must be 1 to 63 letters, digits and hyphens, a letter or digit at both ends");
    }
    if (instanceCount < 1) {
      problems.add("the number of instances must be at least 1, not " + instanceCount);
    }
    String servedBy = Optional.ofNullable(image).or(session::inferenceImage).orElse("");
    if (servedBy.isEmpty()) {
      problems.add("there is no inference image: set MLP_INFERENCE_IMAGE or name one");
    }
    if (role().isEmpty()) {
      problems.add("there is no role: set MLP_ROLE_ARN or name one");
    }
    if (remote.isEmpty() && local.isEmpty()) {
      problems.add("there is no model data: an S3 address, or a folder, tar.gz or zip");
    }
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(problems);
    }
    ContainerDefinition.Builder container = ContainerDefinition.builder().image(servedBy);
    return environment.isEmpty() ? container : container.environment(environment);
  }

  private String role() {
    return Optional.ofNullable(roleArn).or(session::roleArn).orElse("");
  }

  private String base() {
    return baseName != null
        ? baseName
        : UniqueName.baseOfImage(
            Optional.ofNullable(image).or(session::inferenceImage).orElse("endpoint"));
  }

  private S3Uri upload(String name, Path source, DeploymentListener listener) {
    try {
      Path workFolder = Files.createTempDirectory("mlp-model");
      try {
        // Another image may serve other things; ours serves SavedModels, so say at once that there
        // is none.
        Path archive = ModelArchive.prepare(source, workFolder, image == null);
        S3Uri target = new S3Uri(session.defaultBucket(), name + "/model/model.tar.gz");
        session.upload("model", Map.of(target, archive), listener::uploading);
        return target;
      } finally {
        ModelArchive.remove(workFolder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot pack " + source + ": " + e.getMessage(), e);
    }
  }

  /** Settings of a model; only the data must be set. */
  public static final class Builder {
    private @Nullable Session session;
    private @Nullable S3Uri remote;
    private @Nullable Path local;
    private @Nullable String image;
    private @Nullable String roleArn;
    private @Nullable String baseName;
    private Map<String, String> environment = Map.of();

    private Builder() {}

    /** Where to serve. */
    public Builder session(Session session) {
      this.session = session;
      return this;
    }

    /** A model.tar.gz in object storage. */
    public Builder modelData(S3Uri address) {
      this.remote = address;
      this.local = null;
      return this;
    }

    /** A folder, a tar.gz or a zip on this machine. */
    public Builder modelData(Path path) {
      this.local = path;
      this.remote = null;
      return this;
    }

    /** An address or a path, by its look. */
    public Builder modelData(String addressOrPath) {
      return S3Uri.isS3(addressOrPath)
          ? modelData(S3Uri.parse(addressOrPath))
          : modelData(Path.of(addressOrPath));
    }

    /** The image; the session's by default. */
    public Builder image(String image) {
      this.image = image;
      return this;
    }

    /** The role's ARN; the session's by default. */
    public Builder role(String arn) {
      this.roleArn = arn;
      return this;
    }

    /** The start of the endpoints' names. */
    public Builder baseName(String name) {
      this.baseName = name;
      return this;
    }

    /** Environment variables of the container. */
    public Builder environment(Map<String, String> variables) {
      this.environment = new TreeMap<>(variables);
      return this;
    }

    /** Makes the model. Nothing is sent or checked yet. */
    public Model build() {
      return new Model(this, session == null ? Session.create() : session);
    }
  }
}
