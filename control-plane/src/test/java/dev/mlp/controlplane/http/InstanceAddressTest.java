package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.EmbeddedStoreCredentials;
import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/**
 * What an instance sees of the platform: the second address, its variables, its key. The second
 * address of the loopback stands for the bridge's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InstanceAddressTest {
  private static final String BRIDGE = "127.0.0.2";

  @TempDir static Path folder;
  private final CompletableFuture<Front> started = new CompletableFuture<>();
  private EmbeddedS3 store;
  private Front front;
  private EmbeddedStoreCredentials credentials;

  @BeforeAll
  void start() throws IOException {
    store =
        EmbeddedS3.start(
            folder, id -> started.join().keys().storeKey(started.join().admin().account(), id));
    front =
        new Front(config -> config.withInstanceHost(BRIDGE), Optional.of(store.uri()), Front::echo);
    started.complete(front);
    credentials =
        new EmbeddedStoreCredentials(
            front.keys().instances(), host -> "http://" + host + ":" + front.uri().getPort());
    try (S3Client s3 = front.client(S3Client.builder().forcePathStyle(true))) {
      s3.createBucket(b -> b.bucket("data"));
      s3.putObject(p -> p.bucket("data").key("in/a"), RequestBody.fromString("input"));
      s3.putObject(p -> p.bucket("data").key("secret"), RequestBody.fromString("secret"));
    }
  }

  @AfterAll
  void stop() {
    front.close();
    store.close();
  }

  private Map<String, String> issue(String group) {
    return credentials.issue(
        new InstanceName(new Tenant(front.admin().account(), Front.REGION), group, "algo-1"),
        BRIDGE,
        new StoreScope(List.of(Area.prefix("data", "in/")), List.of(Area.prefix("data", "out/"))));
  }

  /** As a client in the instance makes itself of its variables. */
  private static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(
      B builder, Map<String, String> environment) {
    return builder
        .endpointOverride(URI.create(environment.get("AWS_ENDPOINT_URL")))
        .region(Region.of(environment.get("AWS_REGION")))
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    environment.get("AWS_ACCESS_KEY_ID"),
                    environment.get("AWS_SECRET_ACCESS_KEY"))))
        .overrideConfiguration(
            o -> o.retryStrategy(RetryMode.STANDARD).retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  private URI bridge(String path) {
    return URI.create("http://" + BRIDGE + ":" + front.uri().getPort() + path);
  }

  @Test
  void anInstanceReadsItsInputsAndWritesItsOutputsAndNothingElse() {
    try (S3Client s3 = client(S3Client.builder(), issue("objects"))) {
      assertThat(s3.getObjectAsBytes(g -> g.bucket("data").key("in/a")).asUtf8String())
          .isEqualTo("input");
      s3.putObject(p -> p.bucket("data").key("out/b"), RequestBody.fromString("output"));
      assertThat(s3.getObjectAsBytes(g -> g.bucket("data").key("out/b")).asUtf8String())
          .isEqualTo("output");
      assertThatThrownBy(() -> s3.getObjectAsBytes(g -> g.bucket("data").key("secret")))
          .isInstanceOfSatisfying(
              S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
    }
  }

  @Test
  void anInstanceAsksWhoItIs() {
    Map<String, String> environment = issue("identity");
    try (StsClient sts = client(StsClient.builder(), environment)) {
      GetCallerIdentityResponse identity = sts.getCallerIdentity();
      assertThat(identity.account()).isEqualTo(front.admin().account());
      assertThat(identity.userId()).isEqualTo(environment.get("AWS_ACCESS_KEY_ID"));
      assertThat(identity.arn())
          .isEqualTo("arn:aws:sts::" + front.admin().account() + ":assumed-role/mlp/SageMaker");
    }
  }

  @Test
  void anInstanceManagesAndInvokesNothing() {
    Map<String, String> environment = issue("operations");
    try (SageMakerClient sagemaker = client(SageMakerClient.builder(), environment);
        SageMakerRuntimeClient runtime = client(SageMakerRuntimeClient.builder(), environment)) {
      for (Runnable call :
          List.<Runnable>of(
              sagemaker::listModels,
              () -> sagemaker.describeTrainingJob(d -> d.trainingJobName("job")),
              () -> sagemaker.stopTrainingJob(s -> s.trainingJobName("job")),
              () ->
                  runtime.invokeEndpoint(i ->
                      i.endpointName("e")
                          .body(software.amazon.awssdk.core.SdkBytes.fromUtf8String("x"))))) {
        assertThatThrownBy(call::run)
            .isInstanceOfSatisfying(
                AwsServiceException.class,
                e -> {
                  assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException");
                  assertThat(e.awsErrorDetails().errorMessage())
                      .contains(
                          "assumed-role/mlp/SageMaker is not authorized to perform: sagemaker:")
                      .contains(
                          "the access keys of instances are good for their inputs and"
                              + " outputs in the object store alone");
                });
      }
    }
  }

  @Test
  void aRevokedKeyIsGoodForNothingFromThenOn() {
    Map<String, String> environment = issue("revoked");
    try (S3Client s3 = client(S3Client.builder(), environment);
        StsClient sts = client(StsClient.builder(), environment)) {
      s3.headObject(h -> h.bucket("data").key("in/a"));
      sts.getCallerIdentity();
      credentials.revoke("revoked");
      assertThatThrownBy(() -> s3.getObjectAsBytes(g -> g.bucket("data").key("in/a")))
          .isInstanceOfSatisfying(
              S3Exception.class,
              e -> {
                assertThat(e.statusCode()).isEqualTo(403);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidAccessKeyId");
              });
      assertThatThrownBy(sts::getCallerIdentity)
          .isInstanceOfSatisfying(
              AwsServiceException.class, e -> assertThat(e.statusCode()).isEqualTo(403));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/healthz", "/readyz", "/metrics", "/console/", "/anything", "/data/in/a"})
  void nothingUnsignedIsAnsweredThere(String path) throws Exception {
    for (String method : List.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS")) {
      HttpResponse<String> answer =
          front.send(
              HttpRequest.newBuilder(bridge(path)).method(method, BodyPublishers.noBody()).build());
      assertThat(answer.statusCode()).as(method).isEqualTo(403);
      assertThat(answer.body()).as(method).doesNotContain("mlp", "ready", "jvm", "input");
    }
    assertThat(front.get("/healthz").statusCode()).isEqualTo(200);
    assertThat(front.get("/metrics").body()).contains("jvm_");
  }

  @Test
  void aRequestWithoutASignatureIsNoOperationThereEither() throws Exception {
    HttpResponse<String> api =
        front.send(
            HttpRequest.newBuilder(bridge("/"))
                .header("X-Amz-Target", "SageMaker.ListModels")
                .header("Content-Type", "application/x-amz-json-1.1")
                .POST(BodyPublishers.ofString("{}"))
                .build());
    assertThat(api.statusCode()).isEqualTo(403);
    assertThat(api.body()).contains("MissingAuthenticationToken");
    HttpResponse<String> invocation =
        front.send(
            HttpRequest.newBuilder(bridge("/endpoints/e/invocations"))
                .POST(BodyPublishers.ofString("x"))
                .build());
    assertThat(invocation.statusCode()).isEqualTo(403);
  }

  @Test
  void aHeaderThatLooksLikeASignatureOpensNothing() throws Exception {
    HttpResponse<String> answer =
        front.send(
            HttpRequest.newBuilder(bridge("/metrics"))
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=x/20260101/r/s3/aws4_request")
                .build());
    assertThat(answer.statusCode()).isBetween(400, 499);
    assertThat(answer.body()).doesNotContain("jvm_");
  }

  @Test
  void keysOfPeopleAreGoodThereToo() {
    AccessKey admin = front.admin();
    try (SageMakerClient sagemaker =
        client(
            SageMakerClient.builder(),
            Map.of(
                "AWS_ENDPOINT_URL", bridge("").toString(),
                "AWS_REGION", Front.REGION,
                "AWS_ACCESS_KEY_ID", admin.id(),
                "AWS_SECRET_ACCESS_KEY", admin.secret()))) {
      assertThat(sagemaker.listModels().models()).isEmpty();
    }
  }

  /**
   * With an address of the machine that is no loopback, as the bridge's: the loopback is spared.
   */
  @Test
  void aServerThatListensEverywhereTellsInstancesByTheAddressTheyCameTo() throws Exception {
    Optional<String> address =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(candidate -> candidate instanceof Inet4Address)
            .filter(candidate -> !candidate.isLoopbackAddress())
            .map(InetAddress::getHostAddress)
            .findFirst();
    assumeThat(address).as("an IPv4 address besides the loopback").isPresent();
    try (Front everywhere =
        new Front(
            _ -> FrontConfig.of("0.0.0.0", 0).withInstanceHost(address.orElseThrow()),
            Optional.empty(),
            Front::echo)) {
      URI there = URI.create("http://" + address.orElseThrow() + ":" + everywhere.uri().getPort());
      assertThat(
              everywhere
                  .send(HttpRequest.newBuilder(there.resolve("/metrics")).build())
                  .statusCode())
          .isEqualTo(403);
      assertThat(everywhere.get("/metrics").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anAddressThatIsTakenIsNamedAndTheOthersAreLetGo() throws Exception {
    try (ServerSocket other = new ServerSocket()) {
      other.bind(new InetSocketAddress(BRIDGE, 0));
      int port = other.getLocalPort();
      assertThatThrownBy(() ->
              new Front(
                  _ -> FrontConfig.of("127.0.0.1", port).withInstanceHost(BRIDGE),
                  Optional.empty(),
                  Front::echo))
          .hasMessageStartingWith("cannot listen on 127.0.0.2:" + port + ": the port is in use");
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        assertThat(free.isBound()).isTrue();
      }
    }
  }

  @Test
  void anAddressThatThisMachineDoesNotHaveIsNamed() {
    assertThatThrownBy(() ->
            new Front(
                config -> config.withInstanceHost("203.0.113.7"), Optional.empty(), Front::echo))
        .hasMessageMatching(
            "cannot listen on 203\\.0\\.113\\.7:\\d+: no network interface of this machine has"
                + " this address; see --host");
  }
}
