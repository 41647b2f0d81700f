package dev.mlp.controlplane.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.CpuMode;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.invocation.EndpointKey;
import dev.mlp.controlplane.model.ModelOperations;
import dev.mlp.controlplane.model.ModelStore;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sagemaker.model.ContainerDefinition;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeModelRequest;
import software.amazon.awssdk.services.sagemaker.model.EndpointSortKey;
import software.amazon.awssdk.services.sagemaker.model.EndpointStatus;
import software.amazon.awssdk.services.sagemaker.model.EndpointSummary;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointConfigsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointsResponse;
import software.amazon.awssdk.services.sagemaker.model.ListModelsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListModelsResponse;
import software.amazon.awssdk.services.sagemaker.model.ModelSummary;
import software.amazon.awssdk.services.sagemaker.model.OrderKey;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariant;

/** The operations on models, endpoint configurations and endpoints, in the order of their use. */
class HostingOperationsTest {
  private static final String ARN = "arn:aws:sagemaker:us-east-1:123456789012:";
  private static final Caller CALLER =
      new Caller(new Tenant("123456789012", "us-east-1"), "AKIATEST", Role.ADMIN);
  private static final Caller STRANGER =
      new Caller(new Tenant("210987654321", "us-east-1"), "AKIAOTHER", Role.ADMIN);

  private final SettableClock clock = new SettableClock(Samples.NOW);
  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final FakeContainerRuntime runtime = new FakeContainerRuntime(clock);
  private final List<EndpointKey> poked = new ArrayList<>();
  private final EndpointStore endpointStore = new EndpointStore(database.jdbi());
  private final ModelOperations models =
      new ModelOperations(
          new ModelStore(database.jdbi()), runtime, new OneObject("s3://b/model.tar.gz"), clock);
  private final InstanceSizing sizing = Samples.sizing(new Machine(16_000, 4, List.of()));
  private final EndpointConfigOperations configs =
      new EndpointConfigOperations(new EndpointConfigStore(database.jdbi()), models, sizing, clock);
  private final EndpointOperations endpoints =
      new EndpointOperations(
          endpointStore, configs, models, sizing, Samples.LIMITS, clock, poked::add);

  @AfterEach
  void nothingLeaks() {
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  @Test
  void aModelIsDescribedAsItWasAskedFor() {
    assertThat(models.create(CALLER, model("Model-1").build()).modelArn())
        .isEqualTo(ARN + "model/Model-1");

    var described =
        models.describe(CALLER, DescribeModelRequest.builder().modelName("Model-1").build());
    assertThat(described.primaryContainer()).isEqualTo(model("Model-1").build().primaryContainer());
    assertThat(described.executionRoleArn()).isEqualTo("arn:aws:iam::123456789012:role/mlp");
    assertThat(described.creationTime()).isEqualTo(Samples.NOW);
  }

  @Test
  void modelsThatAreNotThereOrAlreadyThereAreToldInSageMakersWords() {
    String missing = "Could not find model \"" + ARN + "model/Model-1\".";
    refused(
        missing,
        () -> models.describe(CALLER, DescribeModelRequest.builder().modelName("Model-1").build()));
    refused(
        missing,
        () -> models.delete(CALLER, DeleteModelRequest.builder().modelName("Model-1").build()));
    models.create(CALLER, model("Model-1").build());
    refused(
        "Cannot create already existing model \"" + ARN + "model/Model-1\".",
        () -> models.create(CALLER, model("Model-1").build()));
    models.create(STRANGER, model("Model-1").build());
    models.delete(CALLER, DeleteModelRequest.builder().modelName("Model-1").build());
    refused(
        missing,
        () -> models.delete(CALLER, DeleteModelRequest.builder().modelName("Model-1").build()));
    assertThat(models.list(STRANGER, ListModelsRequest.builder().build()).models()).hasSize(1);
  }

  @Test
  void modelsThatCannotBeServedAreRefused() {
    refused(
        "Could not find model data at s3://b/missing.tar.gz.",
        () ->
            models.create(
                CALLER,
                model("m")
                    .primaryContainer(container("mlp-inference", "s3://b/missing.tar.gz"))
                    .build()));
    refused(
        "PrimaryContainer.ModelDataUrl 'https://b/model.tar.gz': expected s3://bucket/key.",
        () ->
            models.create(
                CALLER,
                model("m")
                    .primaryContainer(container("mlp-inference", "https://b/model.tar.gz"))
                    .build()));
    refused(
        "Containers is not supported: give the model's one container as PrimaryContainer.",
        () ->
            models.create(
                CALLER, model("m").containers(container("a", null), container("b", null)).build()));
    refused(
        "PrimaryContainer is missing: expected the model's container.",
        () -> models.create(CALLER, CreateModelRequest.builder().modelName("m").build()));
    runtime.refuseImage("nginx", "image 'nginx' needs Docker");
    refused(
        "image 'nginx' needs Docker",
        () -> models.create(CALLER, model("m").primaryContainer(container("nginx", null)).build()));
    refused(
        "EnableNetworkIsolation is not supported by the container runtime 'fake': it cannot cut a"
            + " container off from the network.",
        () -> models.create(CALLER, model("m").enableNetworkIsolation(true).build()));
  }

  @Test
  void listsAreReadPageByPageWhileRowsComeAndGo() {
    for (int i = 0; i < 25; i++) {
      models.create(CALLER, model("m-" + (10 + i)).build());
      clock.advance(Duration.ofSeconds(i % 2));
    }
    List<String> seen = new ArrayList<>();
    String token = null;
    do {
      ListModelsResponse page =
          models.list(CALLER, ListModelsRequest.builder().nextToken(token).build());
      page.models().stream().map(ModelSummary::modelName).forEach(seen::add);
      token = page.nextToken();
      models.create(CALLER, model("new-" + seen.size()).build());
      models.delete(CALLER, DeleteModelRequest.builder().modelName(seen.getLast()).build());
    } while (token != null);
    // Newest first; the newer ones that came meanwhile are not seen, and none is seen twice.
    assertThat(seen).hasSize(25).doesNotHaveDuplicates().startsWith("m-34").endsWith("m-10");

    ListModelsResponse byName =
        models.list(
            CALLER,
            ListModelsRequest.builder()
                .sortBy("Name")
                .sortOrder(OrderKey.ASCENDING)
                .nameContains("m-1")
                .maxResults(3)
                .build());
    assertThat(byName.models())
        .extracting(ModelSummary::modelName)
        .containsExactly("m-11", "m-12", "m-13");
    refused(
        "Invalid NextToken: expected the token of the answer before, with the same parameters.",
        () ->
            models.list(CALLER, ListModelsRequest.builder().nextToken(byName.nextToken()).build()));
  }

  @Test
  void configurationsAreCheckedWhole() {
    refused(
        "Could not find model \"" + ARN + "model/m\".",
        () -> configs.create(CALLER, config("c", variant("A")).build()));
    models.create(CALLER, model("m").build());
    refused(
        "4 validation errors detected: production variant A is given more than once; production"
            + " variant A has no InitialInstanceCount of at least 1; production variant A has"
            + " InstanceType 'ml.m5.small': expected a type such as ml.m5.large; the weights of all"
            + " production variants are 0: expected one at least that is not.",
        () ->
            configs.create(
                CALLER,
                config(
                        "c",
                        variant("A").initialVariantWeight(0f),
                        variant("A")
                            .initialVariantWeight(0f)
                            .initialInstanceCount(null)
                            .instanceType("ml.m5.small"))
                    .build()));
    assertThat(configs.create(CALLER, config("c", variant("A")).build()).endpointConfigArn())
        .isEqualTo(ARN + "endpoint-config/c");
    refused(
        "Cannot create already existing endpoint configuration \"" + ARN + "endpoint-config/c\".",
        () -> configs.create(CALLER, config("c", variant("A")).build()));
    assertThat(
            configs
                .describe(
                    CALLER, DescribeEndpointConfigRequest.builder().endpointConfigName("c").build())
                .productionVariants())
        .containsExactly(variant("A").build());
    assertThat(configs.list(CALLER, ListEndpointConfigsRequest.builder().build()).endpointConfigs())
        .hasSize(1);
    configs.delete(CALLER, DeleteEndpointConfigRequest.builder().endpointConfigName("c").build());
    refused(
        "Could not find endpoint configuration \"" + ARN + "endpoint-config/c\".",
        () ->
            configs.delete(
                CALLER, DeleteEndpointConfigRequest.builder().endpointConfigName("c").build()));
  }

  @Test
  void whatTheMachineIsTooSmallForIsRefusedAtOnceWhereTypesAreNotFitted() {
    InstanceSizing strict =
        new InstanceSizing(
            InstanceCatalogue.builtIn(),
            new Machine(16_000, 4, List.of()),
            InstanceTypes.STRICT,
            CpuMode.SHARED);
    EndpointConfigOperations strictConfigs =
        new EndpointConfigOperations(
            new EndpointConfigStore(database.jdbi()), models, strict, clock);
    String refusal =
        "This machine is too small for ml.m5.large and ml.m5.large: memory: asked 16,384 MiB, it"
            + " has 16,000 MiB for instances. Larger types are refused here and not fitted"
            + " (--instance-types strict).";
    models.create(CALLER, model("m").build());

    refused(
        ErrorCode.RESOURCE_LIMIT_EXCEEDED,
        refusal,
        () -> strictConfigs.create(CALLER, config("c", variant("A"), variant("B")).build()));
    strictConfigs.create(CALLER, config("one", variant("A")).build());
    // One that was made while types were fitted.
    configs.create(CALLER, config("c", variant("A"), variant("B")).build());
    refused(
        ErrorCode.RESOURCE_LIMIT_EXCEEDED,
        refusal,
        () ->
            new EndpointOperations(
                    endpointStore, strictConfigs, models, strict, Samples.LIMITS, clock, poked::add)
                .create(CALLER, endpoint("e", "c")));
    assertThat(poked).isEmpty();
  }

  @Test
  void aFittedEndpointSaysSoWhileItIsMadeAndLeavesRoomForAllItsInstances() {
    models.create(CALLER, model("m").build());
    configs.create(
        CALLER,
        config("c", variant("A").instanceType("ml.p2.xlarge").volumeSizeInGB(10), variant("B"))
            .build());
    endpoints.create(CALLER, endpoint("e", "c"));

    var status = describe("e").pendingDeploymentSummary().productionVariants();
    assertThat(status.get(0).variantStatus().getFirst().statusMessage())
        .isEqualTo(
            "(ml.p2.xlarge fitted to this machine: 8,000 MiB instead of 62,464 MiB, without its"
                + " GPU)");
    assertThat(status.get(1).variantStatus().getFirst().statusMessage())
        .isEqualTo("(ml.m5.large fitted to this machine: 8,000 MiB instead of 8,192 MiB)");
    Generation generation =
        endpointStore.load(new EndpointKey(CALLER.tenant(), "e")).orElseThrow().generation();
    assertThat(generation.variant("A").orElseThrow().volumeBytes()).hasValue(10L << 30);
    assertThat(generation.variant("A").orElseThrow().instances()).isEqualTo(2);
    assertThat(generation.variant("B").orElseThrow().volumeBytes()).isEmpty();
  }

  @Test
  void anEndpointOutlivesItsConfigurationAndModel() {
    models.create(CALLER, model("m").build());
    configs.create(
        CALLER,
        config("c", variant("A").initialInstanceCount(2).initialVariantWeight(0.5f), variant("B"))
            .build());
    assertThat(endpoints.create(CALLER, endpoint("e", "c")).endpointArn())
        .isEqualTo(ARN + "endpoint/e");
    configs.delete(CALLER, DeleteEndpointConfigRequest.builder().endpointConfigName("c").build());
    models.delete(CALLER, DeleteModelRequest.builder().modelName("m").build());

    DescribeEndpointResponse described = describe("e");
    assertThat(described.endpointStatus()).isEqualTo(EndpointStatus.CREATING);
    assertThat(described.endpointConfigName()).isEqualTo("c");
    assertThat(described.productionVariants()).hasSize(2);
    var a = described.productionVariants().getFirst();
    assertThat(a.variantName()).isEqualTo("A");
    assertThat(a.currentInstanceCount()).isZero();
    assertThat(a.desiredInstanceCount()).isEqualTo(2);
    assertThat(a.currentWeight()).isEqualTo(0.5f);
    assertThat(a.deployedImages().getFirst().specifiedImage()).isEqualTo("mlp-inference");
    assertThat(poked).hasSize(1);
    VariantSpec spec =
        endpointStore
            .load(new EndpointKey(CALLER.tenant(), "e"))
            .orElseThrow()
            .generation()
            .variants()
            .getFirst();
    assertThat(spec.modelData()).contains(S3Address.parse("s3://b/model.tar.gz"));
    assertThat(spec.environment()).containsEntry("A", "1");
    assertThat(spec.startupTimeout()).isEqualTo(Duration.ofSeconds(77));
  }

  @Test
  void endpointsThatAreNotThereOrAlreadyThereAreToldInSageMakersWords() {
    String missing = "Could not find endpoint \"" + ARN + "endpoint/e\".";
    refused(missing, () -> describe("e"));
    refused(
        missing,
        () -> endpoints.delete(CALLER, DeleteEndpointRequest.builder().endpointName("e").build()));
    refused(
        "Could not find endpoint configuration \"" + ARN + "endpoint-config/c\".",
        () -> endpoints.create(CALLER, endpoint("e", "c")));
    models.create(CALLER, model("m").build());
    configs.create(CALLER, config("c", variant("A")).build());
    endpoints.create(CALLER, endpoint("e", "c"));
    refused(
        "Cannot create already existing endpoint \"" + ARN + "endpoint/e\".",
        () -> endpoints.create(CALLER, endpoint("e", "c")));
    endpoints.delete(CALLER, DeleteEndpointRequest.builder().endpointName("e").build());
    endpoints.delete(CALLER, DeleteEndpointRequest.builder().endpointName("e").build());
    assertThat(describe("e").endpointStatus()).isEqualTo(EndpointStatus.DELETING);
  }

  @Test
  void endpointsAreListedByStatusAndTime() {
    models.create(CALLER, model("m").build());
    configs.create(CALLER, config("c", variant("A")).build());
    for (String name : List.of("e-1", "e-2", "e-3")) {
      endpoints.create(CALLER, endpoint(name, "c"));
      clock.advance(Duration.ofSeconds(1));
    }
    endpoints.delete(CALLER, DeleteEndpointRequest.builder().endpointName("e-2").build());

    assertThat(list(ListEndpointsRequest.builder())).containsExactly("e-3", "e-2", "e-1");
    assertThat(list(ListEndpointsRequest.builder().statusEquals(EndpointStatus.DELETING)))
        .containsExactly("e-2");
    assertThat(
            list(
                ListEndpointsRequest.builder()
                    .creationTimeAfter(Samples.NOW)
                    .creationTimeBefore(Samples.NOW.plusSeconds(2))))
        .containsExactly("e-2");
    assertThat(
            list(ListEndpointsRequest.builder().lastModifiedTimeAfter(Samples.NOW.plusSeconds(2))))
        .containsExactly("e-2");
    ListEndpointsResponse first =
        endpoints.list(
            CALLER,
            ListEndpointsRequest.builder().sortBy(EndpointSortKey.STATUS).maxResults(2).build());
    assertThat(first.endpoints())
        .extracting(EndpointSummary::endpointName)
        .containsExactly("e-2", "e-3");
    assertThat(
            list(
                ListEndpointsRequest.builder()
                    .sortBy(EndpointSortKey.STATUS)
                    .nextToken(first.nextToken())))
        .containsExactly("e-1");
  }

  private List<String> list(ListEndpointsRequest.Builder request) {
    return endpoints.list(CALLER, request.build()).endpoints().stream()
        .map(EndpointSummary::endpointName)
        .toList();
  }

  private DescribeEndpointResponse describe(String name) {
    return endpoints.describe(CALLER, DescribeEndpointRequest.builder().endpointName(name).build());
  }

  private static void refused(String message, ThrowingCallable call) {
    refused(ErrorCode.VALIDATION, message, call);
  }

  private static void refused(ErrorCode code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.message()).isEqualTo(message);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  private static CreateModelRequest.Builder model(String name) {
    return CreateModelRequest.builder()
        .modelName(name)
        .executionRoleArn("arn:aws:iam::123456789012:role/mlp")
        .primaryContainer(container("mlp-inference", "s3://b/model.tar.gz"));
  }

  private static ContainerDefinition container(String image, @Nullable String data) {
    return ContainerDefinition.builder()
        .image(image)
        .modelDataUrl(data)
        .environment(Map.of("A", "1"))
        .build();
  }

  private static ProductionVariant.Builder variant(String name) {
    return ProductionVariant.builder()
        .variantName(name)
        .modelName("m")
        .initialInstanceCount(1)
        .instanceType("ml.m5.large")
        .containerStartupHealthCheckTimeoutInSeconds(77);
  }

  private static CreateEndpointConfigRequest.Builder config(
      String name, ProductionVariant.Builder... variants) {
    return CreateEndpointConfigRequest.builder()
        .endpointConfigName(name)
        .productionVariants(
            List.of(variants).stream().map(ProductionVariant.Builder::build).toList());
  }

  private static CreateEndpointRequest endpoint(String name, String config) {
    return CreateEndpointRequest.builder().endpointName(name).endpointConfigName(config).build();
  }

  /** An object store with one object. */
  private record OneObject(String uri) implements ArtifactStore {
    @Override
    public Optional<StoredObject> find(S3Address address) {
      return address.toString().equals(uri)
          ? Optional.of(new StoredObject(address, 1, "etag", Samples.NOW))
          : Optional.empty();
    }

    @Override
    public List<StoredObject> list(S3Address prefix) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream read(S3Address address) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream read(StoredObject object, long offset, long length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(S3Address address, Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean bucketExists(String bucket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void createBucket(String bucket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(S3Address address) {
      throw new UnsupportedOperationException();
    }
  }
}
