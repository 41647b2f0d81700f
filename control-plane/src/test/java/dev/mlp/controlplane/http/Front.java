package dev.mlp.controlplane.http;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.AccessKeyStore;
import dev.mlp.controlplane.access.AccessKeys;
import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.IdentityOperations;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.invocation.Invocations;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.RequestChecks;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.ListModelsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListModelsResponse;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobResponse;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;

/** The real front server on a free port, with a few operations on a map. */
final class Front implements AutoCloseable {
  static final String REGION = "eu-central-1";

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, CreateTrainingJobRequest> jobs = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final AccessKeys keys =
      new AccessKeys(new AccessKeyStore(database.jdbi()), Clock.systemUTC());
  private final AccessKey admin = keys.createFirst();
  private final FrontServer server;

  /** Runs inside of ListModels, to hold it or break it. */
  volatile Runnable inListModels = () -> {};

  volatile Optional<String> problem = Optional.empty();

  Front() {
    this(Function.identity(), Optional.empty(), Front::echo);
  }

  Front(Function<FrontConfig, FrontConfig> config, Optional<URI> store, Invocations invocations) {
    OperationTable operations =
        new OperationTable(new RequestChecks(Map.of("ml.m5.large", 1)::containsKey))
            .sts(
                "GetCallerIdentity",
                GetCallerIdentityRequest::builder,
                new IdentityOperations()::getCallerIdentity)
            .sagemaker(
                "CreateTrainingJob",
                CreateTrainingJobRequest::builder,
                (caller, request) -> {
                  if (jobs.putIfAbsent(request.trainingJobName(), request) != null) {
                    throw new ApiException(ErrorCode.RESOURCE_IN_USE, "there already");
                  }
                  return CreateTrainingJobResponse.builder()
                      .trainingJobArn(
                          caller.tenant().sagemakerArn("training-job/" + request.trainingJobName()))
                      .build();
                })
            .sagemaker(
                "DescribeTrainingJob",
                DescribeTrainingJobRequest::builder,
                (_, request) -> {
                  CreateTrainingJobRequest job = jobs.get(request.trainingJobName());
                  if (job == null) {
                    throw ApiException.validation("Requested resource not found.");
                  }
                  return DescribeTrainingJobResponse.builder()
                      .trainingJobName(job.trainingJobName())
                      .hyperParameters(job.hyperParameters())
                      .build();
                })
            .sagemaker(
                "StopTrainingJob",
                StopTrainingJobRequest::builder,
                (_, _) -> StopTrainingJobResponse.builder().build())
            .sagemaker(
                "ListModels",
                ListModelsRequest::builder,
                (_, _) -> {
                  inListModels.run();
                  return ListModelsResponse.builder().build();
                });
    Supplier<Optional<String>> check = () -> problem;
    server =
        new FrontServer(
            vertx,
            config.apply(FrontConfig.of("127.0.0.1", 0)),
            new FrontServer.Parts(
                operations,
                keys,
                invocations,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                Clock.systemUTC()),
            store,
            Map.of("database", check));
    try {
      server.start();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  static Future<Void> echo(Caller caller, String endpoint, HttpServerRequest request, Buffer body) {
    return request
        .response()
        .putHeader("Content-Type", "text/plain")
        .end(Buffer.buffer(endpoint + ":").appendBuffer(body));
  }

  Vertx vertx() {
    return vertx;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  AccessKey key(Role role) {
    return keys.create(admin.account(), role);
  }

  AccessKeys keys() {
    return keys;
  }

  AccessKey admin() {
    return admin;
  }

  /** A client of the AWS SDK that tries once. */
  <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(B builder) {
    return client(builder, admin.id(), admin.secret());
  }

  <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(
      B builder, String id, String secret) {
    return builder
        .endpointOverride(uri())
        .region(Region.of(REGION))
        .httpClient(UrlConnectionHttpClient.create())
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)))
        .overrideConfiguration(
            o -> o.retryStrategy(RetryMode.STANDARD).retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri().resolve(path)).build());
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** A bare connection that gives up reading after a while, so no test hangs. */
  Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    return socket;
  }

  void stopServer() {
    server.close();
  }

  @Override
  public void close() {
    server.close();
    http.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    database.close();
  }
}
