package dev.mlp.controlplane.access;

import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/** Who is calling, in the words of STS. */
public final class IdentityOperations {
  /** GetCallerIdentity: a user named after the key's role, or an instance in its role. */
  public GetCallerIdentityResponse getCallerIdentity(
      Caller caller, GetCallerIdentityRequest request) {
    return GetCallerIdentityResponse.builder()
        .account(caller.tenant().account())
        .userId(caller.accessKeyId())
        .arn(caller.arn())
        .build();
  }
}
