package dev.mlp.sdk;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/**
 * Names as the SageMaker SDKs make them: a base and the time in UTC to the millisecond, {@code
 * titanic-2026-01-31-12-00-00-123}, at most 63 characters of letters, digits and hyphens.
 */
public final class UniqueName {
  static final int MAX_LENGTH = 63;

  /** Jobs, endpoints, configurations and (near enough) models: what SageMaker accepts as a name. */
  static final Pattern VALID = Pattern.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern UNUSABLE = Pattern.compile("[^a-zA-Z0-9-]+");

  private final Clock clock;
  private final AtomicReference<Instant> last = new AtomicReference<>(Instant.EPOCH);

  UniqueName(Clock clock) {
    this.clock = clock;
  }

  /** A name no earlier call of this object has given, even within one millisecond. */
  String from(String base) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant unique =
        last.updateAndGet(before -> now.isAfter(before) ? now : before.plus(1, ChronoUnit.MILLIS));
    return join(base, TIMESTAMP.format(unique));
  }

  /** Whether SageMaker would take {@code name} for a job, an endpoint or a configuration. */
  public static boolean isValid(String name) {
    // Checked by length first: the pattern alone backtracks badly on long runs of hyphens.
    return name.length() <= MAX_LENGTH && VALID.matcher(name).matches();
  }

  /**
   * The part of an image's name that says what it is: {@code host/team/trainer:1.2} → {@code
   * trainer}.
   */
  static String baseOfImage(String image) {
    String last = image.substring(image.lastIndexOf('/') + 1);
    int end = last.indexOf('@') >= 0 ? last.indexOf('@') : last.indexOf(':');
    return end < 0 ? last : last.substring(0, end);
  }

  private static String join(String base, String suffix) {
    String clean = UNUSABLE.matcher(base).replaceAll("-");
    int room = MAX_LENGTH - suffix.length() - 1;
    String cut = stripHyphens(clean.length() <= room ? clean : clean.substring(0, room));
    return cut.isEmpty() ? suffix : cut + "-" + suffix;
  }

  private static String stripHyphens(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && text.charAt(from) == '-') {
      from++;
    }
    while (to > from && text.charAt(to - 1) == '-') {
      to--;
    }
    return text.substring(from, to);
  }
}
