package dev.mlp.controlplane.endpoint;

import static dev.mlp.controlplane.endpoint.Samples.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.RecordedCredentials;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.capacity.CapacityStore;
import dev.mlp.controlplane.capacity.MachineCapacity;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.FakeContainerRuntime.Call;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.invocation.Eventually;
import dev.mlp.controlplane.invocation.Gateway;
import dev.mlp.controlplane.invocation.GatewayLimits;
import dev.mlp.controlplane.invocation.RouteTable;
import dev.mlp.controlplane.wire.ApiException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reconciler and gateway together: what clients see while instances come and go. */
@Timeout(60)
class EndpointServingTest {
  private static final Caller CALLER = new Caller(KEY.tenant(), "AKIATEST", Role.ADMIN);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final EndpointStore store = new EndpointStore(database.jdbi());
  private final FakeContainerRuntime runtime = new FakeContainerRuntime(Clock.systemUTC());
  private final RouteTable routes = new RouteTable();
  private final Gateway gateway = new Gateway(vertx, routes, GatewayLimits.defaults());
  private final Map<GroupId, HttpServer> models = new ConcurrentHashMap<>();
  private final AtomicReference<HttpServerRequest> held = new AtomicReference<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private final EndpointReconciler reconciler =
      new EndpointReconciler(
          store,
          runtime,
          new MachineCapacity(new CapacityStore(database.jdbi()), 64 * 1024),
          new MemoryLogs(),
          new RecordedCredentials(),
          routes,
          EndpointLimits.defaults(),
          PingLimits.defaults(),
          Clock.systemUTC(),
          new Random(3));
  private int port;

  @BeforeEach
  void start() {
    runtime.driveBy(
        new FakeContainerRuntime.Machine() {
          @Override
          public void started(InstanceGroupSpec spec) {
            runModel(spec.id());
          }

          @Override
          public void stopping(GroupId id, Duration grace) {
            if (stopModel(id)) {
              runtime.exit(id, 143);
            }
          }

          @Override
          public void removed(GroupId id) {
            boolean _ = stopModel(id);
          }
        });
    port =
        listen(
            vertx
                .createHttpServer()
                .requestHandler(request ->
                    request
                        .body()
                        .onSuccess(body ->
                            gateway
                                .invoke(CALLER, KEY.name(), request, body)
                                .onFailure(e ->
                                    request
                                        .response()
                                        .setStatusCode(((ApiException) e).code().status())
                                        .end(String.valueOf(e.getMessage()))))));
    reconciler.restore();
    reconciler.start();
  }

  @AfterEach
  void stop() {
    reconciler.close();
    client.shutdownNow();
    gateway.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  @Test
  void whoSeesInServiceIsServed() throws Exception {
    create(2);

    Eventually.until("it is in service", () -> status().equals("InService"));

    assertThat(invoke("x").statusCode()).isEqualTo(200);
  }

  @Test
  void deletionWaitsForWhatIsOutstanding() throws Exception {
    create(1);
    Eventually.until("it is in service", () -> status().equals("InService"));
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(post("hold"), BodyHandlers.ofString());
    Eventually.until("it is held", () -> held.get() != null);

    delete();
    Eventually.until("no more is taken", () -> refused());
    assertThat(runtime.calls().stream().filter(Call.Stop.class::isInstance)).isEmpty();
    held.get().response().end("late");

    assertThat(answer.get().body()).isEqualTo("late");
    Eventually.until("it is gone", () -> store.load(KEY).isEmpty());
    assertThat(runtime.groups()).isEmpty();
    create(1);
    Eventually.until("it is in service again", () -> status().equals("InService"));
    assertThat(invoke("x").statusCode()).isEqualTo(200);
  }

  @Test
  void noRequestFailsWhileAnIdleInstanceDiesAndIsReplaced() throws Exception {
    create(2);
    Eventually.until("it is in service", () -> status().equals("InService"));
    GroupId dies = runtime.groups().getFirst();
    AtomicInteger failed = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      if (i == 50) {
        assertThat(stopModel(dies)).isTrue();
        runtime.exit(dies, 137);
      }
      failed.addAndGet(invoke("x").statusCode() == 200 ? 0 : 1);
    }
    assertThat(failed).hasValue(0);
    Eventually.until(
        "it is replaced",
        () ->
            !runtime.groups().contains(dies)
                && store.load(KEY).orElseThrow().readyCount("AllTraffic") == 2);
    assertThat(status()).isEqualTo("InService");
  }

  private void runModel(GroupId group) {
    HttpServer model =
        vertx
            .createHttpServer()
            .requestHandler(request ->
                request
                    .body()
                    .onSuccess(body -> {
                      if (body.toString().equals("hold")) {
                        held.set(request);
                      } else {
                        request.response().end("ok");
                      }
                    }));
    int at = listen(model);
    models.put(group, model);
    runtime.run(group, InstanceStarter.HOST, Optional.of("127.0.0.1:" + at));
  }

  /** Whether it was running. */
  private boolean stopModel(GroupId group) {
    HttpServer model = models.remove(group);
    if (model == null) {
      return false;
    }
    model.close().toCompletionStage().toCompletableFuture().join();
    return true;
  }

  private boolean refused() {
    try {
      return invoke("x").statusCode() == 400;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void create(int instances) {
    Endpoint endpoint =
        new Endpoint(
            KEY, 1, new EndpointState.Creating(Instant.now()), 1, Samples.NOW, Samples.NOW);
    assertThat(
            store.insert(
                endpoint,
                "{}",
                Samples.generation("AllTraffic"),
                List.of(new VariantCapacity("AllTraffic", instances, 1))))
        .isTrue();
    reconciler.poke(KEY);
  }

  private void delete() {
    Endpoint endpoint = store.find(KEY).orElseThrow();
    assertThat(store.update(endpoint, new EndpointState.Deleting(Samples.NOW), Samples.NOW))
        .isTrue();
    reconciler.poke(KEY);
  }

  private String status() {
    return store.find(KEY).map(endpoint -> endpoint.state().status()).orElse("gone");
  }

  private HttpResponse<String> invoke(String body) throws Exception {
    return client.send(post(body), BodyHandlers.ofString());
  }

  private HttpRequest post(String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
        .version(HttpClient.Version.HTTP_1_1)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static int listen(HttpServer server) {
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }
}
