package dev.mlp.controlplane.access;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** Makes keys and accounts that nobody can guess. */
final class AccessKeyGenerator {
  private static final String ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int ID_RANDOM_LETTERS = 16;
  private static final int SECRET_BYTES = 30; // 40 letters of Base64

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  AccessKeyGenerator(Clock clock) {
    this.clock = clock;
  }

  AccessKey key(String account, Role role) {
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
  String account() {
    return Long.toString(random.nextLong(100_000_000_000L, 1_000_000_000_000L));
  }
}
