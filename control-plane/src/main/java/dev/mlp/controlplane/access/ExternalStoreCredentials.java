package dev.mlp.controlplane.access;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * No keys: an object store of the user's own knows none of ours, and the server's key to it is not
 * for instances. They are told where everything is; a key comes with the user's own variables, or
 * not at all.
 */
public final class ExternalStoreCredentials implements InstanceCredentials {
  private final UnaryOperator<String> platformUrl;
  private final String storeUrl;

  /**
   * @param platformUrl from this machine's address as the instance sees it to the URL where the
   *     platform answers, without a slash at the end
   * @param storeUrl where the object store answers
   */
  public ExternalStoreCredentials(UnaryOperator<String> platformUrl, String storeUrl) {
    this.platformUrl = platformUrl;
    this.storeUrl = storeUrl;
  }

  @Override
  public Map<String, String> issue(InstanceName instance, String platformHost, StoreScope scope) {
    return InstanceVariables.withoutKey(
        instance.tenant(), platformUrl.apply(platformHost), storeUrl);
  }

  @Override
  public void revoke(String group) {
    // Nothing was given.
  }
}
