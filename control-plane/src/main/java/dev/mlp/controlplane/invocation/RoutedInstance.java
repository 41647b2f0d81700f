package dev.mlp.controlplane.invocation;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.CompletableFuture;

/** A ready instance with its counters; the same object in every snapshot that names it. */
final class RoutedInstance {
  private static final String INVOCATIONS = "/invocations";

  private final InstanceRoute route;
  private final RequestOptions request;
  private final Traffic traffic = new Traffic();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean draining;

  RoutedInstance(InstanceRoute route) {
    this.route = route;
    // Made once: the client only reads it.
    this.request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setServer(SocketAddress.inetSocketAddress(route.port(), route.host()))
            .setHost(route.host())
            .setPort(route.port())
            .setURI(INVOCATIONS);
  }

  InstanceRoute route() {
    return route;
  }

  RequestOptions request() {
    return request;
  }

  Traffic traffic() {
    return traffic;
  }

  /**
   * Takes a place. It counts first and looks then, and {@link #drain} does it the other way round:
   * so no request slips in after a drain has found the instance empty.
   */
  boolean acquire() {
    traffic.begin();
    if (draining) {
      release();
      return false;
    }
    return true;
  }

  void release() {
    if (traffic.end() == 0 && draining) {
      drained.complete(null);
    }
  }

  /** Takes no more; done when the last request has gone. */
  CompletableFuture<Void> drain() {
    draining = true;
    if (traffic.inFlight() == 0) {
      drained.complete(null);
    }
    return drained;
  }
}
