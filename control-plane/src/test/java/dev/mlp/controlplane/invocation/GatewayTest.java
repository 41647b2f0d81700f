package dev.mlp.controlplane.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.wire.ApiException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GatewayTest {
  private static final Tenant TENANT = new Tenant("123456789012", "us-east-1");
  private static final Caller CALLER = new Caller(TENANT, "AKIATEST", Role.ADMIN);
  private static final EndpointKey KEY = new EndpointKey(TENANT, "titanic");

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final RouteTable routes = new RouteTable();
  private final HttpClient client = HttpClient.newHttpClient();
  private Gateway gateway;
  private int port;
  private long version;

  @BeforeEach
  void start() {
    useLimits(GatewayLimits.defaults());
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    gateway.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void passesTheBodyAndTheHeadersThatBelongToTheModel() throws Exception {
    AtomicReference<HttpServerRequest> seen = new AtomicReference<>();
    AtomicReference<String> body = new AtomicReference<>();
    serve(
        upstream(request -> {
          seen.set(request);
          request
              .body()
              .onSuccess(buffer -> {
                body.set(buffer.toString());
                request
                    .response()
                    .putHeader("Content-Type", "text/csv")
                    .putHeader("X-Amzn-SageMaker-Custom-Attributes", "trace=1")
                    .end("0.5");
              });
        }));

    HttpResponse<String> answer =
        client.send(
            post("titanic", "{\"instances\":[1]}")
                .header("Content-Type", "application/json; charset=utf-8")
                .header("Accept", "text/csv")
                .header("X-Amzn-SageMaker-Custom-Attributes", "tfs-method=predict")
                .header("X-Amzn-SageMaker-Inference-Id", "id-7")
                .header("traceparent", "00-abc-def-01")
                .header("Authorization", "AWS4-HMAC-SHA256 Signature=0")
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("0.5");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/csv");
    assertThat(answer.headers().firstValue("x-Amzn-Invoked-Production-Variant"))
        .hasValue("AllTraffic");
    assertThat(answer.headers().firstValue("X-Amzn-SageMaker-Custom-Attributes"))
        .hasValue("trace=1");
    assertThat(body.get()).isEqualTo("{\"instances\":[1]}");
    var headers = seen.get().headers();
    assertThat(seen.get().path()).isEqualTo("/invocations");
    assertThat(headers.get("Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(headers.get("Accept")).isEqualTo("text/csv");
    assertThat(headers.get("X-Amzn-SageMaker-Custom-Attributes")).isEqualTo("tfs-method=predict");
    assertThat(headers.get("X-Amzn-SageMaker-Inference-Id")).isEqualTo("id-7");
    assertThat(headers.get("traceparent")).isEqualTo("00-abc-def-01");
    assertThat(headers.contains("Authorization")).isFalse();
  }

  @Test
  void sendsNoContentTypeWhereTheClientGaveNone() throws Exception {
    AtomicReference<HttpServerRequest> seen = new AtomicReference<>();
    serve(
        upstream(request -> {
          seen.set(request);
          request.response().end();
        }));

    HttpResponse<String> answer = invoke("titanic", "x");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(seen.get().headers().contains("Content-Type")).isFalse();
    assertThat(seen.get().headers().contains("Accept")).isFalse();
    assertThat(answer.headers().firstValue("Content-Type")).isEmpty();
  }

  @Test
  void streamsALargeAnswerNoFasterThanTheClientReads() throws Exception {
    int chunk = 1 << 20;
    int chunks = 64;
    AtomicLong written = new AtomicLong();
    serve(
        upstream(request -> {
          request.response().setChunked(true);
          writeChunks(request, chunk, chunks, written);
        }));

    HttpResponse<InputStream> answer =
        client.send(post("titanic", "x").build(), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      assertThat(body.read()).isEqualTo('x');
      // The client reads no further: what is under way is bounded by buffers, not by the answer.
      AtomicLong last = new AtomicLong(-1);
      AtomicInteger still = new AtomicInteger();
      Eventually.until(
          "the upstream stalls",
          () -> {
            long now = written.get();
            return last.getAndSet(now) == now
                ? still.incrementAndGet() > 100
                : still.getAndSet(0) < 0;
          });
      assertThat(written.get()).isLessThan((long) chunk * chunks / 2);
      assertThat(1 + body.readAllBytes().length).isEqualTo(chunk * chunks);
    }
    Eventually.until("the place is free", () -> inFlight() == 0);
  }

  @Test
  void reportsAModelsErrorAsSageMakerDoes() throws Exception {
    serve(upstream(request -> request.response().setStatusCode(500).end("boom")));

    HttpResponse<String> answer = invoke("titanic", "x");

    assertThat(answer.statusCode()).isEqualTo(424);
    assertThat(answer.headers().firstValue("x-amzn-ErrorType")).hasValue("ModelError");
    assertThat(answer.body())
        .contains(
            "Received server error (500) from primary with message \"boom\". See"
                + " https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
                + "#logEventViewer:group=/aws/sagemaker/Endpoints/titanic in account 123456789012"
                + " for more information.")
        .contains("OriginalStatusCode=500")
        .contains("OriginalMessage=boom")
        .contains(
            "LogStreamArn=arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/titanic");
    Eventually.until("it is counted", () -> counts().serverErrors() == 1);
  }

  @Test
  void readsAnErrorsBodyUpToABound() throws Exception {
    serve(upstream(request -> request.response().setStatusCode(400).end("e".repeat(1_000_000))));

    HttpResponse<String> answer = invoke("titanic", "x");

    assertThat(answer.statusCode()).isEqualTo(424);
    assertThat(answer.body()).contains("Received client error (400) from primary");
    assertThat(answer.body().length()).isLessThan(20_000);
    Eventually.until("it is counted", () -> counts().clientErrors() == 1);
    Eventually.until("the place is free", () -> inFlight() == 0);
  }

  @Test
  void refusesWhatItHasNoRouteFor() throws Exception {
    assertThat(invoke("unknown", "x").body())
        .contains("ValidationError 400: Endpoint unknown of account 123456789012 not found.");

    routes.publish(new EndpointRoute.Closed(KEY, ++version, "Creating"));
    assertThat(invoke("titanic", "x").body())
        .contains("ValidationError 400:")
        .contains("in status Creating");

    publish(new VariantRoute("AllTraffic", 1, List.of()));
    assertThat(invoke("titanic", "x").body()).contains("ServiceUnavailable 503:");

    routes.withdraw(KEY);
    assertThat(invoke("titanic", "x").body()).contains("ValidationError 400:");
  }

  @Test
  void refusesHeadersThatAskForWhatIsNotThere() throws Exception {
    serve(upstream(request -> request.response().end("ok")));

    HttpResponse<String> answer =
        client.send(
            post("titanic", "x").header("X-Amzn-SageMaker-Target-Model", "a.tar.gz").build(),
            BodyHandlers.ofString());

    assertThat(answer.body()).contains("ValidationError 400:").contains("Target-Model");
  }

  @Test
  void triesAnotherInstanceWhenOneRefusesTheConnection() throws Exception {
    InstanceRoute dead = new InstanceRoute("i-dead", "127.0.0.1", freePort());
    InstanceRoute alive = upstream(request -> request.response().end("ok"));
    serve(dead, alive);

    for (int i = 0; i < 20; i++) {
      assertThat(invoke("titanic", "x").body()).isEqualTo("ok");
    }
    Eventually.until("all are counted", () -> counts().invocations() == 20 && inFlight() == 0);
    assertThat(counts().serverErrors()).isZero();
  }

  @Test
  void answers503WhenEveryInstanceRefuses() throws Exception {
    serve(
        new InstanceRoute("i-1", "127.0.0.1", freePort()),
        new InstanceRoute("i-2", "127.0.0.1", freePort()));

    assertThat(invoke("titanic", "x").body()).contains("ServiceUnavailable 503:");
    Eventually.until("the place is free", () -> inFlight() == 0);
  }

  @Test
  void doesNotRetryWhatAnInstanceMayHaveSeen() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    Handler<NetSocket> dies =
        socket ->
            socket.handler(_ -> {
              taken.incrementAndGet();
              socket.close();
            });
    serve(rawUpstream(dies), rawUpstream(dies));

    HttpResponse<String> answer = invoke("titanic", "x");

    assertThat(answer.body()).contains("ModelError 424:").contains("OriginalStatusCode=0");
    assertThat(taken).hasValue(1);
    Eventually.until("the place is free", () -> inFlight() == 0);
  }

  @Test
  void cutsTheAnswerWhenTheInstanceDiesInTheMiddleOfAStream() throws Exception {
    serve(
        rawUpstream(socket ->
            socket.handler(_ -> {
              socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1000));
              socket.end();
            })));

    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(post("titanic", "x").build(), BodyHandlers.ofString());

    assertThat(answer)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .havingRootCause()
        .isInstanceOf(IOException.class);
    Eventually.until("it is counted", () -> counts().serverErrors() == 1 && inFlight() == 0);
  }

  @Test
  void reportsASmallAnswerThatBreaksOffAsAnError() throws Exception {
    serve(
        rawUpstream(socket ->
            socket.handler(_ -> {
              socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
              socket.end();
            })));

    assertThat(invoke("titanic", "x").body()).contains("ModelError 424:");
  }

  @Test
  void givesUpOnASlowModelAfterTheTimeout() throws Exception {
    useLimits(GatewayLimits.defaults().withTimeout(Duration.ofMillis(200)));
    CountDownLatch closed = new CountDownLatch(1);
    serve(upstream(request -> request.connection().closeHandler(_ -> closed.countDown())));

    HttpResponse<String> answer = invoke("titanic", "x");

    assertThat(answer.body())
        .contains("ModelError 424:")
        .contains("Your invocation timed out while waiting for a response from container primary.");
    closed.await();
    Eventually.until("the place is free", () -> inFlight() == 0);
  }

  @Test
  void cancelsTheRequestUpstreamWhenTheClientGoesAway() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    serve(
        upstream(request -> {
          request.connection().closeHandler(_ -> cancelled.countDown());
          arrived.countDown();
        }));

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "POST /endpoints/titanic/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
                  .getBytes(StandardCharsets.US_ASCII));
      arrived.await();
    }

    cancelled.await();
    Eventually.until("the place is free", () -> inFlight() == 0);
    assertThat(counts().invocations()).isZero();
  }

  @Test
  void spreadsConcurrentRequestsOverTheInstances() throws Exception {
    int requests = 60;
    List<AtomicInteger> held =
        List.of(new AtomicInteger(), new AtomicInteger(), new AtomicInteger());
    List<HttpServerRequest> waiting = Collections.synchronizedList(new ArrayList<>());
    InstanceRoute[] instances =
        held.stream()
            .map(count ->
                upstream(request -> {
                  count.incrementAndGet();
                  waiting.add(request);
                }))
            .toArray(InstanceRoute[]::new);
    serve(instances);

    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      int before = i;
      answers.add(client.sendAsync(post("titanic", "x").build(), BodyHandlers.ofString()));
      Eventually.until("request " + i + " is held", () -> waiting.size() > before);
    }
    // Random choice alone strays much further; two choices stay within a few of the mean.
    assertThat(held).allSatisfy(count -> assertThat(count.get()).isBetween(14, 26));
    waiting.forEach(request -> request.response().end("ok"));
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void choosesVariantsByWeightAndByName() throws Exception {
    InstanceRoute a = upstream(request -> request.response().end("a"));
    InstanceRoute b = upstream(request -> request.response().end("b"));
    publish(
        new VariantRoute("A", 9, List.of(a)),
        new VariantRoute("B", 1, List.of(b)),
        new VariantRoute("Empty", 5, List.of()));

    int toA = 0;
    for (int i = 0; i < 200; i++) {
      toA += invoke("titanic", "x").body().equals("a") ? 1 : 0;
    }
    assertThat(toA).isBetween(155, 199);

    HttpResponse<String> named =
        client.send(
            post("titanic", "x").header("X-Amzn-SageMaker-Target-Variant", "B").build(),
            BodyHandlers.ofString());
    assertThat(named.body()).isEqualTo("b");
    assertThat(named.headers().firstValue("x-amzn-invoked-production-variant")).hasValue("B");
    HttpResponse<String> unknown =
        client.send(
            post("titanic", "x").header("X-Amzn-SageMaker-Target-Variant", "C").build(),
            BodyHandlers.ofString());
    assertThat(unknown.body()).contains("ValidationError 400:").contains("Variant C");
  }

  @Test
  void drainsWhenTheLastRequestIsAnswered() throws Exception {
    AtomicReference<HttpServerRequest> held = new AtomicReference<>();
    InstanceRoute instance = upstream(held::set);
    serve(instance);
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(post("titanic", "x").build(), BodyHandlers.ofString());
    Eventually.until("it is held", () -> held.get() != null);

    publish(new VariantRoute("AllTraffic", 1, List.of()));
    CompletableFuture<Void> drained = routes.drain(KEY, instance.id());

    assertThat(drained).isNotDone();
    assertThat(invoke("titanic", "x").body()).contains("ServiceUnavailable 503:");
    held.get().response().end("late");
    assertThat(answer.get().body()).isEqualTo("late");
    assertThat(drained).succeedsWithin(Duration.ofSeconds(5));
    assertThat(routes.drain(KEY, instance.id())).isDone();
  }

  @Test
  void measuresTheModelApartFromItself() throws Exception {
    serve(upstream(request -> vertx.setTimer(50, _ -> request.response().end("ok"))));

    assertThat(invoke("titanic", "x").body()).isEqualTo("ok");

    Eventually.until("it is counted", () -> counts().invocations() == 1);
    assertThat(counts().modelLatency()).isGreaterThanOrEqualTo(Duration.ofMillis(45));
    assertThat(counts().overheadLatency()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
  }

  private void useLimits(GatewayLimits limits) {
    if (gateway != null) {
      gateway.close();
    }
    Gateway made = new Gateway(vertx, routes, limits);
    gateway = made;
    HttpServer front =
        vertx
            .createHttpServer()
            .requestHandler(request ->
                request
                    .body()
                    .onSuccess(body ->
                        made.invoke(CALLER, request.uri().split("/", -1)[2], request, body)
                            .onFailure(e -> render(request, e))));
    port = listen(front);
  }

  private static void render(HttpServerRequest request, Throwable e) {
    ApiException error = (ApiException) e;
    request
        .response()
        .setStatusCode(error.code().status())
        .putHeader("x-amzn-ErrorType", error.code().wireName())
        .end(
            error.code().wireName()
                + " "
                + error.code().status()
                + ": "
                + error.message()
                + error.members());
  }

  private void serve(InstanceRoute... instances) {
    publish(new VariantRoute("AllTraffic", 1, List.of(instances)));
  }

  private void publish(VariantRoute... variants) {
    routes.publish(new EndpointRoute.Serving(KEY, ++version, List.of(variants)));
  }

  private InstanceRoute upstream(Handler<HttpServerRequest> handler) {
    int at = listen(vertx.createHttpServer().requestHandler(handler));
    return new InstanceRoute("i-" + at, "127.0.0.1", at);
  }

  private InstanceRoute rawUpstream(Handler<NetSocket> handler) {
    NetServer server = vertx.createNetServer().connectHandler(handler);
    int at =
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join().actualPort();
    return new InstanceRoute("i-" + at, "127.0.0.1", at);
  }

  private static int listen(HttpServer server) {
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  private static void writeChunks(
      HttpServerRequest request, int size, int left, AtomicLong written) {
    if (left == 0) {
      request.response().end();
      return;
    }
    request
        .response()
        .write(Buffer.buffer("x".repeat(size)))
        .onSuccess(_ -> {
          written.addAndGet(size);
          writeChunks(request, size, left - 1, written);
        });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private InvocationCounts counts() {
    return routes.traffic().variants().getFirst().counts();
  }

  private int inFlight() {
    return counts().inFlight();
  }

  private HttpResponse<String> invoke(String endpoint, String body) throws Exception {
    return client.send(post(endpoint, body).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder post(String endpoint, String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port + "/endpoints/" + endpoint + "/invocations"))
        .version(HttpClient.Version.HTTP_1_1)
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }
}
