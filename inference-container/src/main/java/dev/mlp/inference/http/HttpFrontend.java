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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: one event loop per core, all on one port. */
public final class HttpFrontend implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

  private final Models models;
  private final int bodyLimit;
  private final Duration drainLimit;
  private final Drain drain = new Drain();
  private final int eventLoops = Runtime.getRuntime().availableProcessors();
  private final Vertx vertx;
  private final PredictionThreads threads;
  private final BodyBudget budget;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

  /**
   * @param bodyLimit largest request body, in bytes
   * @param drainLimit how long {@link #close} waits for requests in flight
   */
  public HttpFrontend(Models models, int bodyLimit, Duration drainLimit) {
    this.models = models;
    this.bodyLimit = bodyLimit;
    this.drainLimit = drainLimit;
    // A body, its tensors and the answer are all alive at once.
    this.budget = new BodyBudget(Math.max(4L * bodyLimit, Runtime.getRuntime().maxMemory() / 8));
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
   * Listens.
   *
   * @param port 0 takes a free one
   * @return the port
   */
  public int start(String host, int port) {
    // A negative port is Vert.x's word for a free one that all instances share.
    await(
        vertx.deployVerticle(
            () -> new Listener(host, port == 0 ? -1 : port),
            new DeploymentOptions().setInstances(eventLoops)));
    return servers.getFirst().actualPort();
  }

  private final class Listener extends VerticleBase {
    private final String host;
    private final int port;

    Listener(String host, int port) {
      this.host = host;
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
          .requestHandler(new RequestHandler(models, threads, bodyLimit, budget, drain, context))
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
        servers.stream().map(server -> server.shutdown(drainLimit)).toList();
    try {
      if (!drain.await(drainLimit)) {
        LOG.warn(
            "Requests were still in flight after {} s; they are cut off", drainLimit.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.close();
    await(Future.join(closed).otherwiseEmpty());
    await(vertx.close());
  }
}
