package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sagemakerruntime.model.SageMakerRuntimeException;

class BodiesTest {
  private static final int LIMIT = 100_000;

  private static Front front(Function<FrontConfig, FrontConfig> config) {
    return new Front(config, Optional.empty(), Front::echo);
  }

  private static FrontConfig limits(FrontConfig c, long request, long all, Duration timeout) {
    return new FrontConfig(
        c.host(),
        c.instanceHosts(),
        c.port(),
        request,
        all,
        timeout,
        c.idleTimeout(),
        c.closeTimeout());
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedAndTheServerGoesOn() {
    try (Front front = front(c -> limits(c, LIMIT, LIMIT, c.bodyTimeout()));
        SageMakerRuntimeClient runtime = front.client(SageMakerRuntimeClient.builder())) {
      SdkBytes tooLarge = SdkBytes.fromByteArray(new byte[LIMIT + 1]);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> runtime.invokeEndpoint(r -> r.endpointName("e").body(tooLarge)))
            .isInstanceOfSatisfying(
                SageMakerRuntimeException.class,
                e -> {
                  assertThat(e.statusCode()).isEqualTo(413);
                  assertThat(e.getMessage()).contains("larger than 100000 bytes");
                });
        // What was refused gave its bytes back: one of the full size finds the whole budget.
        SdkBytes whole = SdkBytes.fromByteArray(new byte[LIMIT]);
        assertThat(
                runtime.invokeEndpoint(r -> r.endpointName("e").body(whole)).body().asByteArray())
            .hasSize(LIMIT + 2);
      }
    }
  }

  @Test
  void aBodyThatHasBeenHandledIsNotKeptInMemory() throws Exception {
    List<WeakReference<Buffer>> handled = new CopyOnWriteArrayList<>();
    try (Front front =
            new Front(
                c -> limits(c, LIMIT, LIMIT, Duration.ofHours(1)),
                Optional.empty(),
                (caller, endpoint, request, body) -> {
                  handled.add(new WeakReference<>(body));
                  return request.response().end("ok");
                });
        SageMakerRuntimeClient runtime = front.client(SageMakerRuntimeClient.builder())) {
      assertThat(status(runtime, SdkBytes.fromByteArray(new byte[LIMIT]))).isEqualTo(200);
      // The connection lets go of a request when the next one comes.
      assertThat(front.get("/healthz").statusCode()).isEqualTo(200);
      eventually(() -> {
        System.gc();
        return handled.getFirst().get() == null;
      });
    }
  }

  @Test
  void aFormThatIsRefusedGivesItsBytesBack() throws Exception {
    try (Front front = front(c -> limits(c, LIMIT, LIMIT, c.bodyTimeout()));
        SageMakerRuntimeClient runtime = front.client(SageMakerRuntimeClient.builder())) {
      String form = "Action=GetCallerIdentity&Version=none&Padding=" + "x".repeat(LIMIT / 2);
      for (int i = 0; i < 3; i++) {
        try (Socket socket = front.socket()) {
          String more =
              "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                  + form.length()
                  + "\r\n";
          write(socket, head(front, "/", "sts", form, more) + form);
          assertThat(firstLine(socket)).startsWith("HTTP/1.1 4").doesNotContain("403", "413");
        }
      }
      assertThat(status(runtime, SdkBytes.fromByteArray(new byte[LIMIT]))).isEqualTo(200);
    }
  }

  @Test
  void aBodyWithoutALengthIsCountedAsItComes() throws Exception {
    try (Front front = front(c -> limits(c, LIMIT, LIMIT, c.bodyTimeout()));
        Socket socket = front.socket()) {
      write(socket, head(front, "Transfer-Encoding: chunked\r\n"));
      String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
      for (int i = 0; i < 4; i++) {
        write(socket, chunk);
      }
      write(socket, "0\r\n\r\n");
      assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
    }
  }

  @Test
  void aFullServerSaysSoUntilBytesAreGivenBack() throws Exception {
    try (Front front = front(c -> limits(c, LIMIT, LIMIT + 10, c.bodyTimeout()));
        SageMakerRuntimeClient runtime = front.client(SageMakerRuntimeClient.builder())) {
      SdkBytes body = SdkBytes.fromByteArray(new byte[1000]);
      try (Socket holding = front.socket()) {
        write(holding, head(front, "Content-Length: " + LIMIT + "\r\n") + "x".repeat(LIMIT - 1));
        // All of it is there: until then one of the two would be refused, by chance this one.
        eventually(() -> metrics(front).contains("mlp_bodies_free_bytes 11.0"));
        assertThat(status(runtime, body)).isEqualTo(503);
      }
      // The client is gone, and what it held is free again.
      eventually(() -> status(runtime, body) == 200);
    }
  }

  @Test
  void aBodyThatStopsComingIsGivenUp() throws Exception {
    try (Front front = front(c -> limits(c, LIMIT, LIMIT, Duration.ofMillis(200)));
        Socket socket = front.socket()) {
      write(socket, head(front, "Content-Length: 10\r\n") + "half");
      assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 408 Request Timeout");
    }
  }

  @Test
  void continueIsSentOnlyToARequestThatMayGoOn() throws Exception {
    try (Front front = front(Function.identity())) {
      try (Socket socket = front.socket()) {
        write(socket, head(front, "Content-Length: 4\r\nExpect: 100-continue\r\n"));
        assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 100 Continue");
      }
      try (Socket socket = front.socket()) {
        write(
            socket,
            """
            POST / HTTP/1.1\r
            Host: x\r
            X-Amz-Target: SageMaker.ListModels\r
            Content-Length: 4\r
            Expect: 100-continue\r
            \r
            """);
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 403").containsIgnoringCase("connection: close");
      }
    }
  }

  private static int status(SageMakerRuntimeClient runtime, SdkBytes body) {
    try {
      return runtime
          .invokeEndpoint(r -> r.endpointName("e").body(body))
          .sdkHttpResponse()
          .statusCode();
    } catch (SageMakerRuntimeException e) {
      return e.statusCode();
    }
  }

  private static String metrics(Front front) {
    try {
      return front.get("/metrics").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** The head of an invocation with a known key and a signature that need not fit the body. */
  private static String head(Front front, String more) {
    return head(front, "/endpoints/e/invocations", "sagemaker", "", more);
  }

  private static String head(
      Front front, String path, String service, String signedBody, String more) {
    SdkHttpRequest request =
        SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(front.uri().resolve(path)).build();
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\n");
    AwsV4HttpSigner.create()
        .sign(r ->
            r.identity(AwsCredentialsIdentity.create(front.admin().id(), front.admin().secret()))
                .request(request)
                .payload(ContentStreamProvider.fromUtf8String(signedBody))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                .putProperty(AwsV4HttpSigner.REGION_NAME, Front.REGION))
        .request()
        .forEachHeader((name, values) ->
            head.append(name).append(": ").append(values.getFirst()).append("\r\n"));
    return head + more + "\r\n";
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String firstLine(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }
}
