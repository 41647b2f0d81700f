package dev.mlp.controlplane.http;

import dev.mlp.controlplane.access.AccessKeys;
import dev.mlp.controlplane.invocation.Invocations;
import dev.mlp.controlplane.wire.Answers;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.OperationTable;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one port, on one address or more. It tells requests apart by their signature and path: the
 * APIs, invocations, objects, probes. Routes run on the event loops; what may block goes through
 * {@link Blocking}.
 */
public final class FrontServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(FrontServer.class);

  private static final int MOST_EVENT_LOOPS = 4;
  private static final int MOST_ATTEMPTS = 5;
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration LAST_BYTES = Duration.ofSeconds(1);
  private static final int LONGEST_LINE = 16 << 10; // presigned URLs of long keys
  private static final int LONGEST_HEADERS = 64 << 10;

  /** What the server is made of. */
  public record Parts(
      OperationTable operations,
      AccessKeys keys,
      Invocations invocations,
      PrometheusMeterRegistry registry,
      Clock clock) {}

  private final Vertx vertx;
  private final FrontConfig config;
  private final Blocking blocking;
  private final Probes probes;
  private final RequestMetrics metrics;
  private final ApiHandler api;
  private final InvocationHandler invocations;
  private final Optional<ObjectStoreProxy> objects;
  private volatile boolean closing;
  private volatile int port;
  private volatile String deployment = "";

  /**
   * @param store the embedded object store; empty where objects are kept elsewhere
   * @param readiness by name, each empty or a problem in words; may block
   */
  public FrontServer(
      Vertx vertx,
      FrontConfig config,
      Parts parts,
      Optional<URI> store,
      Map<String, Supplier<Optional<String>>> readiness) {
    this.vertx = vertx;
    this.config = config;
    this.blocking = new Blocking(vertx);
    this.probes = new Probes(readiness, parts.registry(), blocking);
    ByteBudget budget = new ByteBudget(config.maxBodyBytes());
    this.metrics = new RequestMetrics(parts.registry(), budget);
    Authenticator authenticator =
        new Authenticator(parts.keys(), parts.clock(), new Bodies(vertx, config, budget));
    this.api = new ApiHandler(parts.operations(), authenticator, blocking, metrics);
    this.invocations =
        new InvocationHandler(parts.operations(), authenticator, parts.invocations(), metrics);
    this.objects = store.map(uri -> new ObjectStoreProxy(vertx, uri));
  }

  /**
   * Listens.
   *
   * @return the port
   */
  public int start() {
    for (int attempt = 1; ; attempt++) {
      port = config.port() == 0 ? freePort() : config.port();
      try {
        deploy();
        logger.info("listening on {}, port {}", String.join(" and ", config.addresses()), port);
        return port;
      } catch (CompletionException e) {
        // Somebody may take a free port between finding it and listening on it.
        if (config.port() != 0 || attempt == MOST_ATTEMPTS) {
          throw new IllegalStateException(refusal(e.getCause()), e);
        }
      }
    }
  }

  private String refusal(@Nullable Throwable cause) {
    String address = cause instanceof NotListening refused ? refused.address : config.host();
    return "cannot listen on "
        + address
        + ":"
        + port
        + ": "
        + reason(cause instanceof NotListening refused ? refused.getCause() : cause);
  }

  private static String reason(@Nullable Throwable cause) {
    String message = cause == null ? null : cause.getMessage();
    if (message != null && message.contains("Cannot assign requested address")) {
      return "no network interface of this machine has this address; see --host";
    }
    if (message != null && message.contains("Address already in use")) {
      return "the port is in use; stop who has it, or choose another one with --port (0 takes a"
          + " free one)";
    }
    return (message == null ? "the system refuses it" : message) + "; see --host and --port";
  }

  private void deploy() {
    int loops = Math.min(MOST_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    deployment =
        vertx
            .deployVerticle(Listener::new, new DeploymentOptions().setInstances(loops))
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  /** All event loops share one port, and only a port with a number can be shared. */
  private int freePort() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(config.host(), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on " + config.host(), e);
    }
  }

  public int port() {
    return port;
  }

  /**
   * Refuses what comes from now on (503, which clients try again), finishes what is in flight as
   * far as the timeout lets it, and is gone.
   */
  @Override
  public void close() {
    closing = true;
    probes.closing();
    long end = System.nanoTime() + config.closeTimeout().toNanos();
    while (metrics.inFlight() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
    }
    if (!deployment.isEmpty()) {
      vertx.undeploy(deployment).toCompletionStage().toCompletableFuture().join();
      deployment = "";
    }
    blocking.close();
    metrics.close();
  }

  private void route(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    boolean get = request.method().equals(HttpMethod.GET);
    if (closing && !path.equals("/healthz") && !path.equals("/readyz")) {
      new Exchange(request, Optional.empty())
          .fail(
              new ApiException(
                  ErrorCode.SERVICE_UNAVAILABLE, "The server is closing; try again in a moment."));
    } else if (S3Requests.signed(request)) {
      pass(request);
    } else if (config.isForInstances(request.localAddress().hostAddress())
        && !verifiesItsSignature(request, path)) {
      S3Requests.error(
          request,
          403,
          "AccessDenied",
          "This address is for instances, which sign their requests.",
          UUID.randomUUID().toString());
    } else if (isApi(request, path)) {
      api.handle(request);
    } else if (isInvocation(path)) {
      invocations.handle(request);
    } else if (get && path.equals("/healthz")) {
      probes.alive(request);
    } else if (get && path.equals("/readyz")) {
      probes.ready(request);
    } else if (get && path.equals("/metrics")) {
      probes.metrics(request);
    } else if (get && path.equals("/")) {
      help(request);
    } else if (request.getHeader("Authorization") != null) {
      new Exchange(request, Optional.empty())
          .fail(
              new ApiException(
                  ErrorCode.UNKNOWN_OPERATION,
                  "There is no " + request.method() + " " + path + "."));
    } else {
      // Unsigned, and for no path of ours: it can only mean a bucket or an object.
      S3Requests.error(request, 403, "AccessDenied", "Access Denied", UUID.randomUUID().toString());
    }
  }

  private static boolean isApi(HttpServerRequest request, String path) {
    return path.equals("/") && request.method().equals(HttpMethod.POST);
  }

  private static boolean isInvocation(String path) {
    return path.startsWith("/endpoints/");
  }

  /** What does nothing before it knows who asks, and the front's own refusal of everything else. */
  private static boolean verifiesItsSignature(HttpServerRequest request, String path) {
    return isApi(request, path) || isInvocation(path);
  }

  private void pass(HttpServerRequest request) {
    RequestMetrics.Sample sample = metrics.start(request);
    sample.as("s3", request.method().name());
    if (objects.isPresent()) {
      objects.get().pass(request, sample::stop);
    } else {
      S3Requests.error(
          request,
          501,
          "NotImplemented",
          "Objects are kept elsewhere: set AWS_ENDPOINT_URL_S3.",
          UUID.randomUUID().toString());
    }
  }

  private static void help(HttpServerRequest request) {
    String host = request.authority() == null ? "this server" : request.authority().toString();
    Probes.text(
        request,
        200,
        "text/plain; charset=utf-8",
        """
        mlp: a training-and-hosting platform that speaks Amazon SageMaker's API.

        Point any AWS client here:
          eval "$(mlp env)"        sets AWS_ENDPOINT_URL=http://%s, the access key and the region
          aws sagemaker list-training-jobs

        /healthz   alive
        /readyz    ready, and what is not
        /metrics   Prometheus
        """
            .formatted(host));
  }

  /** What is no HTTP at all, or has a line or headers beyond all measure. */
  private static void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String requestId = UUID.randomUUID().toString();
    var answer =
        Answers.error(
            Optional.empty(),
            new ApiException(
                ErrorCode.SERIALIZATION,
                "The request is not well-formed HTTP: "
                    + (cause == null ? "it could not be read" : cause.getMessage())),
            requestId);
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("x-amzn-RequestId", requestId)
        .putHeader("Content-Type", "application/x-amz-json-1.1")
        .putHeader("Connection", "close")
        .end(answer.body())
        .onComplete(_ -> request.connection().close());
  }

  /** An address that cannot be listened on. */
  private static final class NotListening extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String address;

    NotListening(String address, Throwable cause) {
      super("cannot listen on " + address, cause);
      this.address = address;
    }
  }

  /** One event loop's share of the port, on every address. */
  private final class Listener extends VerticleBase {
    private final List<HttpServer> servers = new ArrayList<>();

    @Override
    public Future<?> start() {
      return Future.all(config.addresses().stream().map(this::listen).toList());
    }

    private Future<HttpServer> listen(String address) {
      HttpServerOptions options =
          new HttpServerOptions()
              .setHost(address)
              .setPort(port)
              .setHttp2ClearTextEnabled(false)
              .setMaxInitialLineLength(LONGEST_LINE)
              .setMaxHeaderSize(LONGEST_HEADERS)
              .setIdleTimeout((int) config.idleTimeout().toMillis())
              .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
      HttpServer server =
          vertx
              .createHttpServer(options)
              .requestHandler(FrontServer.this::route)
              .invalidRequestHandler(FrontServer::invalid);
      servers.add(server);
      return server
          .listen()
          .recover(cause -> Future.failedFuture(new NotListening(address, cause)));
    }

    @Override
    public Future<?> stop() {
      return Future.join(servers.stream().map(server -> server.shutdown(LAST_BYTES)).toList());
    }
  }
}
