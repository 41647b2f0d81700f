package dev.mlp.controlplane.access;

import java.util.Map;

/**
 * Gives instances what they need to reach the platform as themselves: never a key that lives longer
 * than they do. Safe for any number of threads; for one group the caller makes no two calls at
 * once.
 */
public interface InstanceCredentials {
  /**
   * Environment variables for the instance. Asking again for the same instance gives the same key,
   * good for the scope asked for last.
   *
   * @param platformHost this machine's address as the instance sees it
   */
  Map<String, String> issue(InstanceName instance, String platformHost, StoreScope scope);

  /**
   * Ends the keys of all instances of the group: from now on, what they sign is refused. Nothing
   * happens for a group that has none.
   */
  void revoke(String group);
}
