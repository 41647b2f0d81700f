package dev.mlp.controlplane.access;

import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The access keys in memory, so that no request waits for the database. Read once, then kept in
 * step with what is made and deleted here. Safe for any number of threads; only the makers block.
 */
public final class AccessKeys {
  private final AccessKeyStore store;
  private final AccessKeyGenerator generator;
  private final InstanceKeys instances;
  private final Map<String, AccessKey> keys = new ConcurrentHashMap<>();

  /** Reads all keys. */
  public AccessKeys(AccessKeyStore store, Clock clock) {
    this.store = store;
    this.generator = new AccessKeyGenerator(clock);
    this.instances = new InstanceKeys(store.instances(), generator);
    store.all().forEach(key -> keys.put(key.id(), key));
  }

  /** The key that a request was signed with; none where it is unknown or inactive. */
  public Optional<AccessKey> find(String id) {
    return Optional.ofNullable(keys.get(id))
        .filter(key -> key.status() == AccessKey.Status.ACTIVE)
        .or(() -> instances.find(id).map(InstanceKey::key));
  }

  /** Those that belong to instances. */
  public InstanceKeys instances() {
    return instances;
  }

  /** The secret of an active key. */
  public Optional<String> secret(String id) {
    return find(id).map(AccessKey::secret);
  }

  /**
   * What an active key may do in the embedded object store, which knows neither accounts nor roles.
   * A key of the account that the store belongs to may do everything there if it may write, and
   * nothing if it may not; an instance's may do what its scope says.
   */
  public Optional<StoreKey> storeKey(String account, String id) {
    return instances
        .find(id)
        .filter(instance -> instance.key().account().equals(account))
        .map(instance -> StoreKey.of(instance.key().secret(), instance.scope()))
        .or(() ->
            find(id)
                .filter(key -> key.account().equals(account) && key.role().may(Permission.WRITE))
                .map(key -> StoreKey.whole(key.secret())));
  }

  /** The account of the first start. */
  public Optional<String> firstAccount() {
    return store.firstAccount();
  }

  /**
   * The first account's oldest active admin key. The first start makes both: an account of twelve
   * random digits, and the key.
   */
  public AccessKey createFirst() {
    Optional<String> account = store.firstAccount();
    if (account.isEmpty()) {
      AccessKey first = generator.key(generator.account(), Role.ADMIN);
      store.insertAccount(first);
      keys.put(first.id(), first);
      return first;
    }
    return keys.values().stream()
        .filter(key -> key.account().equals(account.get()))
        .filter(key -> key.role() == Role.ADMIN && key.status() == AccessKey.Status.ACTIVE)
        .min(Comparator.comparing(AccessKey::createdAt).thenComparing(AccessKey::id))
        .orElseGet(() -> create(account.get(), Role.ADMIN));
  }

  /** Makes a key, good at once. */
  public AccessKey create(String account, Role role) {
    if (role == Role.INSTANCE) {
      throw new IllegalArgumentException("keys of instances are issued to instances alone");
    }
    AccessKey key = generator.key(account, role);
    store.insert(key);
    keys.put(key.id(), key);
    return key;
  }

  /** Removes a key; what is signed with it from now on is refused. */
  public void delete(String id) {
    keys.remove(id);
    store.delete(id);
  }

  /**
   * The active keys of people and programs, oldest first; those of instances are not among them.
   */
  public List<AccessKey> active() {
    return keys.values().stream()
        .filter(key -> key.status() == AccessKey.Status.ACTIVE)
        .sorted(Comparator.comparing(AccessKey::createdAt).thenComparing(AccessKey::id))
        .toList();
  }
}
