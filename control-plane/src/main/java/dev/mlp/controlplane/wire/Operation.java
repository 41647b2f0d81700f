package dev.mlp.controlplane.wire;

import dev.mlp.controlplane.access.Caller;

/**
 * One operation of a service, in the AWS SDK's own model classes. Called on a virtual thread, after
 * the signature, the constraints and the table of fields have been checked; may block.
 *
 * @param <I> the request
 * @param <O> the response
 */
@FunctionalInterface
public interface Operation<I, O> {
  /**
   * @throws ApiException what the client is told instead
   */
  O handle(Caller caller, I request);
}
