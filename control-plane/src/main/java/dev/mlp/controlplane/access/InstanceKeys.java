package dev.mlp.controlplane.access;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access keys of instances, in memory so that no request waits for the database. A key is
 * stored before anybody is told of it, and a restart finds it again: instances outlive the server.
 */
public final class InstanceKeys {
  private static final Logger logger = LoggerFactory.getLogger(InstanceKeys.class);

  private final InstanceKeyStore store;
  private final AccessKeyGenerator generator;
  private final Map<String, InstanceKey> keys = new ConcurrentHashMap<>();

  /** Reads all keys. */
  InstanceKeys(InstanceKeyStore store, AccessKeyGenerator generator) {
    this.store = store;
    this.generator = generator;
    store.all().forEach(this::remember);
  }

  Optional<InstanceKey> find(String id) {
    return Optional.ofNullable(keys.get(id));
  }

  /** The instance's one key: made when it is first asked for, and brought to the scope. */
  AccessKey issue(InstanceName instance, StoreScope scope) {
    Optional<InstanceKey> known =
        keys.values().stream()
            .filter(key -> key.group().equals(instance.group()))
            .filter(key -> key.host().equals(instance.host()))
            .findAny();
    if (known.isEmpty()) {
      InstanceKey made =
          new InstanceKey(
              generator.key(instance.tenant().account(), Role.INSTANCE),
              instance.group(),
              instance.host(),
              scope);
      if (store.insert(made)) {
        return remember(made);
      }
      // The database has one that this memory has not: a revocation did not get through to it.
      known = store.find(instance.group(), instance.host());
    }
    InstanceKey key = known.orElseThrow().within(scope);
    if (!known.get().scope().equals(scope)) {
      store.update(key);
    }
    return remember(key);
  }

  /** Ends the keys of the group, at once. */
  void revoke(String group) {
    keys.values().removeIf(key -> key.group().equals(group));
    store.deleteGroup(group);
  }

  /**
   * Ends the keys of groups that are not there any more: left by a server that was killed, or by a
   * database that was put back.
   *
   * @param tracked the groups that have a row, whatever runs of them; asked after the keys were
   *     listed, for a group has its row before it has a key
   */
  public void sweep(Supplier<Set<String>> tracked) {
    Set<String> orphans = new HashSet<>();
    store.all().forEach(key -> orphans.add(key.group()));
    orphans.removeAll(tracked.get());
    for (String group : orphans) {
      revoke(group);
      logger.info("ended the access keys of instance group {}: nothing tracks it", group);
    }
  }

  private AccessKey remember(InstanceKey key) {
    keys.put(key.key().id(), key);
    return key.key();
  }
}
