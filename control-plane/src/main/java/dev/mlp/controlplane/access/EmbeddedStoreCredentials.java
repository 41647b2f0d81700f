package dev.mlp.controlplane.access;

import java.util.Map;
import java.util.function.UnaryOperator;

/** A key for every instance: the embedded object store knows them all. */
public final class EmbeddedStoreCredentials implements InstanceCredentials {
  private final InstanceKeys keys;
  private final UnaryOperator<String> platformUrl;

  /**
   * @param platformUrl from this machine's address as the instance sees it to the URL where the
   *     platform answers, without a slash at the end
   */
  public EmbeddedStoreCredentials(InstanceKeys keys, UnaryOperator<String> platformUrl) {
    this.keys = keys;
    this.platformUrl = platformUrl;
  }

  @Override
  public Map<String, String> issue(InstanceName instance, String platformHost, StoreScope scope) {
    return InstanceVariables.withKey(
        instance.tenant(), platformUrl.apply(platformHost), keys.issue(instance, scope));
  }

  @Override
  public void revoke(String group) {
    keys.revoke(group);
  }
}
