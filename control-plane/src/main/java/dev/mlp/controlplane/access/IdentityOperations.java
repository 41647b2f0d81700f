package dev.mlp.controlplane.access;

import java.util.Locale;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/** Who is calling, in the words of STS. */
public final class IdentityOperations {
  /** GetCallerIdentity: the user is named after the key's role. */
  public GetCallerIdentityResponse getCallerIdentity(
      Caller caller, GetCallerIdentityRequest request) {
    String account = caller.tenant().account();
    String user = caller.role().name().toLowerCase(Locale.ROOT);
    return GetCallerIdentityResponse.builder()
        .account(account)
        .userId(caller.accessKeyId())
        .arn("arn:aws:iam::" + account + ":user/" + user)
        .build();
  }
}
