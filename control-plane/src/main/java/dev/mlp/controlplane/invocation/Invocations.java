package dev.mlp.controlplane.invocation;

import dev.mlp.controlplane.access.Caller;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The way of an invocation after its signature has been verified. Called on the event loop. */
@FunctionalInterface
public interface Invocations {
  /**
   * Sends the body to an instance of the endpoint and streams its answer into the request's
   * response.
   *
   * @return done when the answer has been written; failed with an {@link
   *     dev.mlp.controlplane.wire.ApiException} while nothing of it has been: the caller renders it
   */
  Future<Void> invoke(Caller caller, String endpoint, HttpServerRequest request, Buffer body);
}
