package dev.mlp.controlplane.http;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.AccessKeys;
import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.Authorization;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.SigV4Verifier;
import dev.mlp.controlplane.wire.SignedRequest;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;

/** Reads a request whole and says who signed it. */
final class Authenticator {
  /** A request that is what its caller signed. */
  record Authenticated(Caller caller, Bodies.Body body) {}

  private final AccessKeys keys;
  private final SigV4Verifier verifier;
  private final Bodies bodies;

  Authenticator(AccessKeys keys, Clock clock, Bodies bodies) {
    this.keys = keys;
    this.verifier = new SigV4Verifier(keys::secret, clock);
    this.bodies = bodies;
  }

  /**
   * Verifies the signature for a service; refuses what it can before it reads the body.
   *
   * @return failed with an {@link ApiException}, or with what broke the connection
   */
  Future<Authenticated> authenticate(
      Exchange exchange, HttpServerRequest request, String signingName) {
    SignedRequest signed = exchange.signed();
    Authorization authorization;
    try {
      authorization = verifier.begin(signed, signingName);
    } catch (ApiException e) {
      return Future.failedFuture(e);
    }
    return bodies.read(request).map(body -> verified(signed, authorization, body));
  }

  private Authenticated verified(
      SignedRequest signed, Authorization authorization, Bodies.Body body) {
    try {
      verifier.verify(signed, authorization, body.sha256());
      AccessKey key =
          keys.find(authorization.accessKeyId())
              .orElseThrow(() ->
                  new ApiException(
                      ErrorCode.UNRECOGNIZED_CLIENT,
                      "The security token included in the request is invalid."));
      Tenant tenant = new Tenant(key.account(), authorization.region());
      return new Authenticated(new Caller(tenant, key.id(), key.role()), body);
    } catch (RuntimeException e) {
      body.release();
      throw e;
    }
  }
}
