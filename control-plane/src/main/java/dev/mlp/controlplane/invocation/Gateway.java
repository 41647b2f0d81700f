package dev.mlp.controlplane.invocation;

import dev.mlp.controlplane.access.Caller;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Takes invocations to instances: routes from memory, balances, streams the answers. Everything of
 * one invocation happens on the event loop of its request; there is no lock, log line or hop to
 * another thread on the way.
 */
public final class Gateway implements Invocations, AutoCloseable {
  private final Vertx vertx;
  private final RouteTable routes;
  private final GatewayLimits limits;
  private final HttpClient client;

  public Gateway(Vertx vertx, RouteTable routes, GatewayLimits limits) {
    this.vertx = vertx;
    this.routes = routes;
    this.limits = limits;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(true)
                // Less than what servers usually keep a connection for, so that it is rarely them
                // who close it: a request sent into a closing connection cannot be sent again.
                .setKeepAliveTimeout(30)
                .setTcpNoDelay(true)
                .setDecompressionSupported(false)
                .setConnectTimeout(Math.toIntExact(limits.connectTimeout().toMillis())),
            new PoolOptions()
                .setHttp1MaxSize(limits.connectionsPerInstance())
                .setMaxWaitQueueSize(limits.waitingPerInstance()));
  }

  @Override
  public Future<Void> invoke(
      Caller caller, String endpoint, HttpServerRequest request, Buffer body) {
    long received = System.nanoTime();
    EndpointKey key = new EndpointKey(caller.tenant(), endpoint);
    RoutedEndpoint routed = routes.find(key);
    if (routed == null) {
      return Future.failedFuture(InvocationErrors.unknownEndpoint(key));
    }
    if (routed.route() instanceof EndpointRoute.Closed closed) {
      return Future.failedFuture(InvocationErrors.notInService(key, closed.status()));
    }
    CharSequence unsupported = InvocationHeaders.unsupported(request.headers());
    if (unsupported != null) {
      return Future.failedFuture(InvocationErrors.unsupportedHeader(unsupported.toString()));
    }
    String target = request.headers().get(InvocationHeaders.TARGET_VARIANT);
    RoutedVariant variant;
    if (target == null) {
      variant = routed.pick(ThreadLocalRandom.current());
    } else {
      variant = routed.variant(target);
      if (variant == null) {
        return Future.failedFuture(InvocationErrors.unknownVariant(key, target));
      }
    }
    RoutedInstance instance = variant == null ? null : variant.acquire(ThreadLocalRandom.current());
    if (variant == null || instance == null) {
      return Future.failedFuture(InvocationErrors.noInstance(key));
    }
    return new Invocation(vertx, client, limits, key, variant, instance, request, body, received)
        .start();
  }

  /** Cuts the connections to the instances. */
  @Override
  public void close() {
    client.close().toCompletionStage().toCompletableFuture().join();
  }
}
