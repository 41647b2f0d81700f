package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Against a small upstream that keeps bodies by path and remembers what it was sent. */
class ObjectStoreProxyTest {
  /** What the upstream saw of one request. */
  private record Seen(String method, String uri, Map<String, String> headers) {}

  private static final Vertx vertx = Vertx.vertx();
  private static final Map<String, Buffer> objects = new ConcurrentHashMap<>();
  private static final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
  private static final BlockingQueue<String> broken = new LinkedBlockingQueue<>();
  private static final HttpServer upstream =
      vertx
          .createHttpServer()
          .requestHandler(ObjectStoreProxyTest::serve)
          .listen(0, "127.0.0.1")
          .toCompletionStage()
          .toCompletableFuture()
          .join();
  private static final Front front =
      new Front(
          Function.identity(),
          Optional.of(URI.create("http://127.0.0.1:" + upstream.actualPort())),
          Front::echo);
  private static final S3Client s3 = front.client(S3Client.builder().forcePathStyle(true));

  @AfterAll
  static void close() {
    s3.close();
    front.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static void serve(HttpServerRequest request) {
    Map<String, String> headers = new ConcurrentHashMap<>();
    request.headers().forEach(h -> headers.put(h.getKey().toLowerCase(Locale.ROOT), h.getValue()));
    seen.add(new Seen(request.method().name(), request.uri(), headers));
    String path = Objects.requireNonNull(request.path());
    switch (request.method().name()) {
      case "PUT" -> {
        if (path.endsWith("/forbidden")) {
          request.response().setStatusCode(403).end();
          return;
        }
        request
            .body()
            .onSuccess(body -> {
              objects.put(path, body);
              request.response().putHeader("ETag", "\"e\"").end();
            })
            .onFailure(_ -> broken.add(path));
      }
      case "HEAD" ->
          request
              .response()
              .putHeader(
                  "Content-Length", "" + objects.getOrDefault(path, Buffer.buffer()).length())
              .end();
      default -> {
        Buffer object = objects.get(path);
        if (object == null) {
          request
              .response()
              .setStatusCode(404)
              .end("<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
        } else {
          request.response().setChunked(true).end(object);
        }
      }
    }
  }

  private static Seen last(String path) throws InterruptedException {
    while (true) {
      Seen next = seen.poll(20, TimeUnit.SECONDS);
      assertThat(next).as(path).isNotNull();
      if (next.uri().startsWith(path)) {
        return next;
      }
    }
  }

  @Test
  void objectsGoBothWaysUntouched() throws Exception {
    byte[] content = new byte[20 << 20];
    new Random(1).nextBytes(content);
    s3.putObject(p -> p.bucket("bucket").key("a b/ü+c.bin"), RequestBody.fromBytes(content));
    Seen put = last("/bucket/a%20b/");
    assertThat(put.uri()).isEqualTo("/bucket/a%20b/%C3%BC%2Bc.bin");
    assertThat(put.headers().get("host")).isEqualTo(front.uri().getAuthority());
    assertThat(put.headers().get("authorization")).contains("/s3/aws4_request");
    assertThat(put.headers()).doesNotContainKey("expect");
    byte[] back = s3.getObjectAsBytes(g -> g.bucket("bucket").key("a b/ü+c.bin")).asByteArray();
    assertThat(back).hasSizeGreaterThanOrEqualTo(content.length);
    assertThat(s3.headObject(h -> h.bucket("bucket").key("a b/ü+c.bin")).contentLength())
        .isEqualTo(Objects.requireNonNull(objects.get("/bucket/a%20b/%C3%BC%2Bc.bin")).length());
  }

  @Test
  void errorsOfTheStoreComeThrough() {
    assertThatThrownBy(() -> s3.getObjectAsBytes(g -> g.bucket("bucket").key("nothing")))
        .isInstanceOf(NoSuchKeyException.class);
    assertThatThrownBy(() ->
            s3.putObject(
                p -> p.bucket("bucket").key("forbidden"), RequestBody.fromBytes(new byte[1000])))
        .isInstanceOfSatisfying(S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
  }

  @Test
  void presignedUrlsOfBothKindsArePassedOn() throws Exception {
    objects.put("/bucket/presigned", Buffer.buffer("content"));
    for (String query :
        new String[] {
          "AWSAccessKeyId=AKIDX&Signature=x%2By&Expires=1",
          "X-Amz-Credential=AKIDX%2F20260131%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00"
        }) {
      HttpResponse<String> answer = front.get("/bucket/presigned?" + query);
      assertThat(answer.body()).isEqualTo("content");
      assertThat(last("/bucket/presigned").uri()).isEqualTo("/bucket/presigned?" + query);
    }
  }

  @Test
  void anonymousRequestsStopAtTheFront() throws Exception {
    HttpResponse<String> answer = front.get("/bucket/presigned");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("<Code>AccessDenied</Code>");
  }

  @Test
  void theFrontAnswersExpectItself() throws Exception {
    try (Socket socket = front.socket()) {
      write(
          socket, head("PUT", "/bucket/expected", "Content-Length: 4\r\nExpect: 100-continue\r\n"));
      byte[] first = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
      assertThat(new String(first, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 100 Continue");
      write(socket, "body");
      byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 200 OK".length());
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
    }
    assertThat(last("/bucket/expected").headers()).doesNotContainKey("expect");
    assertThat(objects.get("/bucket/expected")).hasToString("body");
  }

  @Test
  void aClientThatGoesAwayLeavesNothingThatLooksWhole() throws Exception {
    for (String framing :
        new String[] {"Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"}) {
      String path = "/bucket/aborted-" + framing.charAt(0);
      try (Socket socket = front.socket()) {
        write(socket, head("PUT", path, framing) + "3\r\nabc\r\n");
        last(path); // the upstream is reading
      }
      assertThat(broken.poll(20, TimeUnit.SECONDS)).isEqualTo(path);
      assertThat(objects).doesNotContainKey(path);
    }
  }

  @Test
  void aStoreThatIsDownIsSaidInTheFormOfS3() throws Exception {
    HttpServer gone = vertx.createHttpServer().requestHandler(_ -> {});
    int port =
        gone.listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS)
            .actualPort();
    gone.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    try (Front alone =
        new Front(
            Function.identity(),
            Optional.of(URI.create("http://127.0.0.1:" + port)),
            Front::echo)) {
      HttpResponse<String> answer =
          alone.send(
              HttpRequest.newBuilder(alone.uri().resolve("/bucket/key"))
                  .header("Authorization", "AWS AKIDX:signature")
                  .timeout(Duration.ofSeconds(20))
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[2_000_000]))
                  .build());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("<Code>ServiceUnavailable</Code>");
    }
  }

  private static String head(String method, String path, String more) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: x\r\nAuthorization: AWS AKIDX:signature\r\n"
        + more
        + "\r\n";
  }

  private static void write(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
