package dev.mlp.inference.http;

import dev.mlp.inference.model.Models;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: one event loop per core, all on one port. */
public final class HttpFrontend implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

  private final ModelSlot slot = new ModelSlot();
  private final String host;
  private final Limits limits;
  private final Drain drain = new Drain();
  private final int eventLoops = Runtime.getRuntime().availableProcessors();
  private final Vertx vertx;
  private final PredictionThreads threads;
  private final BodyBudget budget;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

  private HttpFrontend(String host, Limits limits) {
    this.host = host;
    this.limits = limits;
    this.budget = new BodyBudget(limits.allBodies());
    this.threads = new PredictionThreads(eventLoops);
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(eventLoops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
  }

  /**
   * Opens the port. Until {@link #serve}, /ping and predictions are answered with 503.
   *
   * @param host the address to listen on
   * @param port 0 takes a free one
   */
  public static HttpFrontend open(String host, int port, Limits limits) {
    HttpFrontend frontend = new HttpFrontend(host, limits);
    // A negative port is Vert.x's word for a free one that all instances share.
    await(
        frontend.vertx.deployVerticle(
            () -> frontend.new Listener(port == 0 ? -1 : port),
            new DeploymentOptions().setInstances(frontend.eventLoops)));
    return frontend;
  }

  public int port() {
    return servers.getFirst().actualPort();
  }

  /** A client of this server. */
  public SelfRequest self() {
    return new SelfRequest(host, port());
  }

  /** Answers for these models from now on. */
  public void serve(Models models) {
    slot.fill(models);
  }

  private final class Listener extends VerticleBase {
    private final int port;

    Listener(int port) {
      this.port = port;
    }

    @Override
    public Future<HttpServer> start() {
      HttpServerOptions options =
          new HttpServerOptions()
              .setHandle100ContinueAutomatically(true)
              .setTcpNoDelay(true)
              .setAcceptBacklog(1024);
      return vertx
          .createHttpServer(options)
          .requestHandler(new RequestHandler(slot, threads, limits.body(), budget, drain, context))
          .exceptionHandler(e -> LOG.debug("A connection failed", e))
          .listen(port, host)
          .onSuccess(servers::add);
    }
  }

  private static void await(Future<?> future) {
    try {
      future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  /**
   * Answers what is in flight, within the limit, then closes every connection. /ping fails
   * meanwhile.
   */
  @Override
  public void close() {
    drain.start();
    // Takes no more connections, closes idle ones, and each of the others after its request.
    List<Future<Void>> closed =
        servers.stream().map(server -> server.shutdown(limits.drain())).toList();
    try {
      if (!drain.await(limits.drain())) {
        LOG.warn(
            "Requests were still in flight after {} s; they are cut off",
            limits.drain().toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.close();
    await(Future.join(closed).otherwiseEmpty());
    await(vertx.close());
  }
}
