package dev.mlp.controlplane.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Gives out keys that open nothing, and remembers for whom and for what. */
public final class RecordedCredentials implements InstanceCredentials {
  /** Who holds a key now, and its scope. */
  public final Map<InstanceName, StoreScope> held = new ConcurrentHashMap<>();

  private final List<String> revoked = new ArrayList<>();

  @Override
  public Map<String, String> issue(InstanceName instance, String platformHost, StoreScope scope) {
    held.put(instance, scope);
    return Map.of(
        "AWS_ACCESS_KEY_ID",
        "AKIA-" + instance.group() + "-" + instance.host(),
        "AWS_SECRET_ACCESS_KEY",
        "secret",
        "AWS_ENDPOINT_URL",
        "http://" + platformHost + ":7373");
  }

  @Override
  public synchronized void revoke(String group) {
    held.keySet().removeIf(instance -> instance.group().equals(group));
    revoked.add(group);
  }

  /** The groups whose keys were ended, in order. */
  public synchronized List<String> revoked() {
    return List.copyOf(revoked);
  }
}
