package dev.mlp.controlplane.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies Signature Version 4 in the {@code Authorization} header, for every service but S3. In
 * two steps: {@link #begin} needs the headers alone and refuses most bad requests before their body
 * is read, {@link #verify} needs the body's hash. Safe for any number of threads; never blocks.
 */
public final class SigV4Verifier {
  static final Duration CLOCK_SKEW = Duration.ofMinutes(15);

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final HexFormat HEX = HexFormat.of();
  private static final int MOST_SIGNING_KEYS = 4096;
  private static final String MISMATCH =
      "The request signature we calculated does not match the signature you provided. Check your"
          + " AWS Secret Access Key and signing method. Consult the service documentation for"
          + " details.";

  /** What a signing key is derived from; with the secret itself, so a new secret is a new key. */
  private record KeySource(String secret, String date, String region, String service) {}

  private final Function<String, Optional<String>> secrets;
  private final Clock clock;
  private final Map<KeySource, SecretKeySpec> signingKeys = new ConcurrentHashMap<>();

  /**
   * @param secrets an active access key's secret by its id
   */
  public SigV4Verifier(Function<String, Optional<String>> secrets, Clock clock) {
    this.secrets = secrets;
    this.clock = clock;
  }

  /**
   * Reads the signature and refuses what no body could make right: no signature, a malformed one,
   * an unknown key, a scope for another service, a time that is too far off.
   *
   * @throws ApiException in AWS's words
   */
  public Authorization begin(SignedRequest request, String signingName) {
    Authorization authorization = Authorization.parse(request);
    if (secrets.apply(authorization.accessKeyId()).isEmpty()) {
      throw unrecognized();
    }
    if (!authorization.service().equals(signingName)) {
      throw invalid("Credential should be scoped to correct service: '" + signingName + "'. ");
    }
    checkTime(authorization);
    if (!authorization.signedHeaders().contains("host")) {
      throw invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    // It chooses the operation: who could change it could turn one request into another.
    if (!request.headers().apply("x-amz-target").isEmpty()
        && !authorization.signedHeaders().contains("x-amz-target")) {
      throw invalid("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    }
    return authorization;
  }

  /**
   * Verifies the signature.
   *
   * @param bodyHash SHA-256 of the whole body
   * @throws ApiException in AWS's words
   */
  public void verify(SignedRequest request, Authorization authorization, byte[] bodyHash) {
    String secret =
        secrets.apply(authorization.accessKeyId()).orElseThrow(SigV4Verifier::unrecognized);
    String hash = HEX.formatHex(bodyHash);
    String claimed = request.header("x-amz-content-sha256");
    if (!claimed.isEmpty() && !claimed.equals(hash)) {
      throw invalid(MISMATCH);
    }
    String canonical = canonicalRequest(request, authorization.signedHeaders(), hash);
    String toSign =
        Authorization.ALGORITHM
            + "\n"
            + authorization.timestamp()
            + "\n"
            + authorization.scope()
            + "\n"
            + HEX.formatHex(sha256(canonical));
    byte[] signature = hmac(signingKey(secret, authorization), toSign);
    if (!MessageDigest.isEqual(
        HEX.formatHex(signature).getBytes(StandardCharsets.US_ASCII),
        authorization.signature().getBytes(StandardCharsets.UTF_8))) {
      throw invalid(MISMATCH);
    }
  }

  private void checkTime(Authorization authorization) {
    Instant signed;
    try {
      signed = Instant.from(TIMESTAMP.parse(authorization.timestamp()));
    } catch (DateTimeException e) {
      throw new ApiException(
          ErrorCode.INCOMPLETE_SIGNATURE,
          "Date must be in ISO-8601 'basic format'. Got '" + authorization.timestamp() + "'.",
          Map.of(),
          e);
    }
    if (!authorization.timestamp().startsWith(authorization.date())
        || authorization.date().length() != 8) {
      throw invalid(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from"
              + " HTTP: '"
              + authorization.date()
              + "' != '"
              + authorization.timestamp().substring(0, 8)
              + "', from '"
              + authorization.timestamp()
              + "'.");
    }
    Instant now = clock.instant();
    String shownNow = TIMESTAMP.format(now);
    if (signed.isBefore(now.minus(CLOCK_SKEW))) {
      throw invalid(
          "Signature expired: "
              + authorization.timestamp()
              + " is now earlier than "
              + TIMESTAMP.format(now.minus(CLOCK_SKEW))
              + " ("
              + shownNow
              + " - 15 min.)");
    }
    if (signed.isAfter(now.plus(CLOCK_SKEW))) {
      throw invalid(
          "Signature not yet current: "
              + authorization.timestamp()
              + " is still later than "
              + TIMESTAMP.format(now.plus(CLOCK_SKEW))
              + " ("
              + shownNow
              + " + 15 min.)");
    }
  }

  private static String canonicalRequest(
      SignedRequest request, List<String> signedHeaders, String bodyHash) {
    StringBuilder text = new StringBuilder(512);
    text.append(request.method()).append('\n');
    text.append(request.path().isEmpty() ? "/" : encoded(request.path(), "/")).append('\n');
    text.append(canonicalQuery(request.query())).append('\n');
    for (String name : signedHeaders) {
      text.append(name).append(':');
      boolean first = true;
      for (String value : request.headers().apply(name)) {
        if (!first) {
          text.append(',');
        }
        first = false;
        text.append(value.strip().replaceAll(" {2,}", " "));
      }
      text.append('\n');
    }
    text.append('\n').append(String.join(";", signedHeaders)).append('\n').append(bodyHash);
    return text.toString();
  }

  /** Sorted by name and value; what is encoded already stays as it is. */
  private static String canonicalQuery(String query) {
    if (query.isEmpty()) {
      return "";
    }
    List<String> parameters = new ArrayList<>();
    for (String parameter : query.split("&", -1)) {
      if (!parameter.isEmpty()) {
        String raw = encoded(parameter, "=%");
        parameters.add(parameter.indexOf('=') < 0 ? raw + "=" : raw);
      }
    }
    // '=' sorts after some letters that a longer name may go on with: names first.
    parameters.sort((a, b) -> a.replaceFirst("=", "\0").compareTo(b.replaceFirst("=", "\0")));
    return String.join("&", parameters);
  }

  /** Percent-encodes every byte but the unreserved ones and those in {@code kept}. */
  private static String encoded(String text, String kept) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80
          && (Character.isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0 || kept.indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append('%').append(HEX.withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }

  /** Derived once per key, day, region and service: a warm key costs one HMAC. */
  private SecretKeySpec signingKey(String secret, Authorization authorization) {
    KeySource source =
        new KeySource(
            secret, authorization.date(), authorization.region(), authorization.service());
    SecretKeySpec known = signingKeys.get(source);
    if (known != null) {
      return known;
    }
    byte[] date = hmac(key(("AWS4" + secret).getBytes(StandardCharsets.UTF_8)), source.date());
    byte[] service = hmac(key(hmac(key(date), source.region())), source.service());
    SecretKeySpec derived = key(hmac(key(service), "aws4_request"));
    if (signingKeys.size() >= MOST_SIGNING_KEYS) {
      signingKeys.clear(); // days go by and instances' keys die; deriving again is cheap
    }
    signingKeys.put(source, derived);
    return derived;
  }

  private static SecretKeySpec key(byte[] bytes) {
    return new SecretKeySpec(bytes, "HmacSHA256");
  }

  private static byte[] hmac(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ApiException unrecognized() {
    return new ApiException(
        ErrorCode.UNRECOGNIZED_CLIENT, "The security token included in the request is invalid.");
  }

  private static ApiException invalid(String message) {
    return new ApiException(ErrorCode.INVALID_SIGNATURE, message);
  }
}
