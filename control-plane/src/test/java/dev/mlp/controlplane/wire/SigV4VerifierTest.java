package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

class SigV4VerifierTest {
  private static final String KEY = "AKIDEXAMPLE";
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final String MISMATCH =
      "The request signature we calculated does not match the signature you provided. Check your"
          + " AWS Secret Access Key and signing method. Consult the service documentation for"
          + " details.";

  private final SigV4Verifier verifier = at(NOW);

  private static SigV4Verifier at(Instant now) {
    return new SigV4Verifier(
        id -> id.equals(KEY) ? Optional.of(SECRET) : Optional.empty(),
        Clock.fixed(now, ZoneOffset.UTC));
  }

  /** A request as it came in; {@code with} and the like bend it after it was signed. */
  record Sent(
      String service, String method, String uri, Map<String, List<String>> headers, String body) {
    Sent {
      TreeMap<String, List<String>> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      anyCase.putAll(headers);
      headers = anyCase;
    }

    Sent with(String name, String value) {
      Map<String, List<String>> changed = new HashMap<>(headers);
      changed.keySet().removeIf(name::equalsIgnoreCase);
      if (!value.isEmpty()) {
        changed.put(name, List.of(value));
      }
      return new Sent(service, method, uri, changed, body);
    }

    Sent without(String name) {
      return with(name, "");
    }

    Sent authorization(String from, String to) {
      String header = Objects.requireNonNull(headers.get("authorization")).getFirst();
      assertThat(header).contains(from);
      return with("Authorization", header.replace(from, to));
    }

    SignedRequest request() {
      int mark = uri.indexOf('?');
      return new SignedRequest(
          method,
          mark < 0 ? uri : uri.substring(0, mark),
          mark < 0 ? "" : uri.substring(mark + 1),
          name -> headers.getOrDefault(name, List.of()));
    }

    @Override
    public String toString() {
      return service + " " + method + " " + uri;
    }
  }

  private static void verify(SigV4Verifier verifier, Sent sent) throws Exception {
    Authorization authorization = verifier.begin(sent.request(), sent.service());
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(sent.body().getBytes(StandardCharsets.UTF_8));
    verifier.verify(sent.request(), authorization, hash);
  }

  /** As the AWS SDK for Java signs. */
  private static Sent signed(String service, String path, String body, Map<String, String> more) {
    SdkHttpRequest.Builder request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(URI.create("http://127.0.0.1:8080" + path))
            .putHeader("Content-Type", "application/x-amz-json-1.1");
    more.forEach(request::putHeader);
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(r ->
                r.identity(AwsCredentialsIdentity.create(KEY, SECRET))
                    .request(request.build())
                    .payload(ContentStreamProvider.fromUtf8String(body))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-central-1")
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(NOW, ZoneOffset.UTC)))
            .request();
    return new Sent(service, "POST", path, signed.headers(), body);
  }

  private static Sent listModels() {
    return signed(
        "sagemaker", "/", "{\"MaxResults\":5}", Map.of("X-Amz-Target", "SageMaker.ListModels"));
  }

  static List<Sent> vectors() throws Exception {
    JsonNode file =
        new ObjectMapper()
            .readTree(
                Objects.requireNonNull(
                    SigV4VerifierTest.class.getResourceAsStream("botocore-signatures.json")));
    return file.path("vectors")
        .valueStream()
        .map(vector -> {
          Map<String, List<String>> headers = new HashMap<>();
          vector
              .path("headers")
              .properties()
              .forEach(h -> headers.put(h.getKey(), List.of(h.getValue().asText())));
          return new Sent(
              vector.path("service").asText(),
              vector.path("method").asText(),
              vector.path("uri").asText(),
              headers,
              vector.path("body").asText());
        })
        .toList();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void acceptsWhatBotocoreSigns(Sent sent) {
    assertThatCode(() -> verify(verifier, sent)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void refusesWhatBotocoreSignedWithAnotherBody(Sent sent) {
    Sent other =
        new Sent(sent.service(), sent.method(), sent.uri(), sent.headers(), sent.body() + " ");
    assertRefused(() -> verify(verifier, other), ErrorCode.INVALID_SIGNATURE, MISMATCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/endpoints/my-endpoint/invocations", "/endpoints/a%20b/x", "/a?b=1&a=2"})
  void acceptsWhatTheJavaSdkSigns(String path) {
    Sent sent = signed("sagemaker", path, "{}", Map.of("X-Spaced", "a   b"));
    assertThatCode(() -> verify(verifier, sent)).doesNotThrowAnyException();
    // Again, with the signing key from memory.
    assertThatCode(() -> verify(verifier, sent)).doesNotThrowAnyException();
  }

  @Test
  void saysWhoSignedAndWhere() {
    Authorization authorization = verifier.begin(listModels().request(), "sagemaker");
    assertThat(authorization.accessKeyId()).isEqualTo(KEY);
    assertThat(authorization.region()).isEqualTo("eu-central-1");
  }

  @Test
  void refusesATamperedRequest() {
    Sent sent = listModels();
    for (Sent tampered :
        List.of(
            new Sent("sagemaker", "GET", "/", sent.headers(), sent.body()),
            new Sent("sagemaker", "POST", "/other", sent.headers(), sent.body()),
            new Sent("sagemaker", "POST", "/?a=1", sent.headers(), sent.body()),
            new Sent("sagemaker", "POST", "/", sent.headers(), "{}"),
            sent.with("X-Amz-Target", "SageMaker.DeleteModel"),
            sent.with("Host", "elsewhere"),
            sent.with("X-Amz-Date", "20260131T120001Z"),
            sent.authorization("eu-central-1", "eu-central-2"),
            sent.authorization("Signature=", "Signature=0"),
            sent.with("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))) {
      assertRefused(() -> verify(verifier, tampered), ErrorCode.INVALID_SIGNATURE, MISMATCH);
    }
  }

  @Test
  void refusesAnotherSecret() {
    SigV4Verifier other =
        new SigV4Verifier(_ -> Optional.of("another"), Clock.fixed(NOW, ZoneOffset.UTC));
    assertRefused(() -> verify(other, listModels()), ErrorCode.INVALID_SIGNATURE, MISMATCH);
  }

  @Test
  void aChangedSecretCountsAtOnceAlthoughSigningKeysAreRemembered() {
    Map<String, String> secrets = new HashMap<>(Map.of(KEY, SECRET));
    SigV4Verifier verifier =
        new SigV4Verifier(
            id -> Optional.ofNullable(secrets.get(id)), Clock.fixed(NOW, ZoneOffset.UTC));
    assertThatCode(() -> verify(verifier, listModels())).doesNotThrowAnyException();
    secrets.put(KEY, "another");
    assertRefused(() -> verify(verifier, listModels()), ErrorCode.INVALID_SIGNATURE, MISMATCH);
  }

  @Test
  void refusesAnUnknownKey() {
    assertRefused(
        () -> verify(verifier, listModels().authorization(KEY, "AKIDOTHER")),
        ErrorCode.UNRECOGNIZED_CLIENT,
        "The security token included in the request is invalid.");
  }

  @Test
  void refusesAnUnsignedRequest() {
    assertRefused(
        () -> verify(verifier, listModels().without("Authorization")),
        ErrorCode.MISSING_AUTHENTICATION_TOKEN,
        "Missing Authentication Token");
  }

  @Test
  void refusesAScopeForAnotherService() {
    assertRefused(
        () -> verifier.begin(listModels().request(), "logs"),
        ErrorCode.INVALID_SIGNATURE,
        "Credential should be scoped to correct service: 'logs'. ");
  }

  @Test
  void allowsFifteenMinutesEitherWay() {
    Duration skew = SigV4Verifier.CLOCK_SKEW;
    assertThatCode(() -> verify(at(NOW.plus(skew)), listModels())).doesNotThrowAnyException();
    assertThatCode(() -> verify(at(NOW.minus(skew)), listModels())).doesNotThrowAnyException();
    assertRefused(
        () -> verify(at(NOW.plus(skew).plusSeconds(1)), listModels()),
        ErrorCode.INVALID_SIGNATURE,
        "Signature expired: 20260131T120000Z is now earlier than 20260131T120001Z"
            + " (20260131T121501Z - 15 min.)");
    assertRefused(
        () -> verify(at(NOW.minus(skew).minusSeconds(1)), listModels()),
        ErrorCode.INVALID_SIGNATURE,
        "Signature not yet current: 20260131T120000Z is still later than 20260131T115959Z"
            + " (20260131T114459Z + 15 min.)");
  }

  @Test
  void refusesMalformedHeadersSayingWhatIsMissing() {
    Sent sent = listModels();
    String incomplete = " Authorization=AWS4-HMAC-SHA256";
    assertRefused(
        () -> verify(verifier, sent.with("Authorization", "AWS4-HMAC-SHA256 nothing")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Authorization header requires 'Credential' parameter. Authorization header requires"
            + " 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
            + incomplete);
    assertRefused(
        () -> verify(verifier, sent.without("X-Amz-Date")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Authorization header requires existence of a 'X-Amz-Date' header." + incomplete);
    assertRefused(
        () -> verify(verifier, sent.with("X-Amz-Date", "yesterday")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Date must be in ISO-8601 'basic format'. Got 'yesterday'." + incomplete);
    assertRefused(
        () -> verify(verifier, sent.with("X-Amz-Date", "20261331T120000Z")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Date must be in ISO-8601 'basic format'. Got '20261331T120000Z'.");
    assertRefused(
        () -> verify(verifier, sent.with("Authorization", "Bearer secret")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Authorization header requires the algorithm 'AWS4-HMAC-SHA256'. Authorization=Bearer");
    assertRefused(
        () -> verify(verifier, sent.authorization("/aws4_request", "")),
        ErrorCode.INCOMPLETE_SIGNATURE,
        "Credential must have exactly 5 slash-delimited elements, e.g."
            + " keyid/date/region/service/aws4_request, got"
            + " 'AKIDEXAMPLE/20260131/eu-central-1/sagemaker'."
            + incomplete);
    assertRefused(
        () -> verify(verifier, sent.authorization("eu-central-1", "nowhere")),
        ErrorCode.INVALID_SIGNATURE,
        "Credential should be scoped to a valid region. ");
    assertRefused(
        () -> verify(verifier, sent.authorization("/20260131/", "/20260130/")),
        ErrorCode.INVALID_SIGNATURE,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            + " '20260130' != '20260131', from '20260131T120000Z'.");
  }

  @Test
  void theHeadersThatChooseTheTargetMustBeSigned() {
    Sent sent = listModels();
    assertRefused(
        () -> verify(verifier, sent.authorization(";x-amz-target", "")),
        ErrorCode.INVALID_SIGNATURE,
        "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    assertRefused(
        () -> verify(verifier, sent.authorization("host;", "")),
        ErrorCode.INVALID_SIGNATURE,
        "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }
}
