package dev.mlp.controlplane.access;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
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
  private static final String ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int ID_RANDOM_LETTERS = 16;
  private static final int SECRET_BYTES = 30; // 40 letters of Base64

  private final AccessKeyStore store;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, AccessKey> keys = new ConcurrentHashMap<>();

  /** Reads all keys. */
  public AccessKeys(AccessKeyStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    store.all().forEach(key -> keys.put(key.id(), key));
  }

  /** The key that a request was signed with; none where it is unknown or inactive. */
  public Optional<AccessKey> find(String id) {
    return Optional.ofNullable(keys.get(id)).filter(key -> key.status() == AccessKey.Status.ACTIVE);
  }

  /** The secret of an active key. */
  public Optional<String> secret(String id) {
    return find(id).map(AccessKey::secret);
  }

  /**
   * The secret of an active key that may use the embedded object store, which knows neither
   * accounts nor roles: a key of the account that it belongs to, and one that may write, for
   * whoever gets in may do everything there.
   */
  public Optional<String> storeSecret(String account, String id) {
    return find(id)
        .filter(key -> key.account().equals(account) && key.role().may(Permission.WRITE))
        .map(AccessKey::secret);
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
      AccessKey first = generate(randomAccount(), Role.ADMIN);
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
    AccessKey key = generate(account, role);
    store.insert(key);
    keys.put(key.id(), key);
    return key;
  }

  /** Removes a key; what is signed with it from now on is refused. */
  public void delete(String id) {
    keys.remove(id);
    store.delete(id);
  }

  /** The active keys, oldest first. */
  public List<AccessKey> active() {
    return keys.values().stream()
        .filter(key -> key.status() == AccessKey.Status.ACTIVE)
        .sorted(Comparator.comparing(AccessKey::createdAt).thenComparing(AccessKey::id))
        .toList();
  }

  private AccessKey generate(String account, Role role) {
    StringBuilder id = new StringBuilder("AKIA");
    random
        .ints(ID_RANDOM_LETTERS, 0, ID_LETTERS.length())
        .forEach(letter -> id.append(ID_LETTERS.charAt(letter)));
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new AccessKey(
        id.toString(),
        // No '/' and '+': they break where people paste a secret into a URL or a shell.
        Base64.getUrlEncoder().encodeToString(secret).replace('-', 'x').replace('_', 'y'),
        account,
        role,
        AccessKey.Status.ACTIVE,
        clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  /** Twelve digits, the first no zero: many a tool reads an account as a number. */
  private String randomAccount() {
    return Long.toString(random.nextLong(100_000_000_000L, 1_000_000_000_000L));
  }
}
