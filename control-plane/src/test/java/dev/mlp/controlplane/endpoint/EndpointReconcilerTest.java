package dev.mlp.controlplane.endpoint;

import static dev.mlp.controlplane.endpoint.Samples.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.access.RecordedCredentials;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.CapacityStore;
import dev.mlp.controlplane.capacity.MachineCapacity;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.FakeContainerRuntime.Call;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.endpoint.Upstreams.Upstream;
import dev.mlp.controlplane.invocation.Eventually;
import dev.mlp.controlplane.invocation.RouteTable;
import dev.mlp.controlplane.invocation.TrafficSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.sagemaker.model.PendingDeploymentSummary;
import software.amazon.awssdk.services.sagemaker.model.PendingProductionVariantSummary;
import software.amazon.awssdk.services.sagemaker.model.VariantStatus;

/** Stories of endpoints, told pass by pass: the loop's own threads are left out. */
@Timeout(60)
class EndpointReconcilerTest {
  private static final PingLimits PINGS =
      new PingLimits(
          Duration.ofMillis(2),
          Duration.ofMillis(10),
          Duration.ofMillis(5),
          Duration.ofMillis(2),
          Duration.ofSeconds(2));
  private static final long MACHINE_MEBIBYTES = 3 * 8192;

  private final SettableClock clock = new SettableClock(Samples.NOW);
  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final EndpointStore store = new EndpointStore(database.jdbi());
  private final MachineCapacity capacity =
      new MachineCapacity(new CapacityStore(database.jdbi()), MACHINE_MEBIBYTES);
  private final MemoryLogs logs = new MemoryLogs();
  private final RecordedCredentials credentials = new RecordedCredentials();
  private final Upstreams upstreams = new Upstreams();
  private final Random random = new Random(7);
  private FakeContainerRuntime runtime = new FakeContainerRuntime(clock);
  private RouteTable routes = new RouteTable();
  private EndpointReconciler reconciler = reconciler();

  @AfterEach
  void close() {
    reconciler.close();
    upstreams.close();
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  @Test
  void anEndpointComesUpServesAndGoesWithoutATrace() {
    create(2);
    reconcile();
    assertThat(status()).isEqualTo("Creating");
    List<GroupId> groups = runtime.groups();
    assertThat(groups).hasSize(2);
    MemberSpec member = runtime.spec(groups.getFirst()).members().getFirst();
    assertThat(member.arguments()).containsExactly("serve");
    assertThat(member.inputs())
        .containsExactly(
            new Input(Samples.SPEC.modelData().orElseThrow(), "model", Input.Kind.ARCHIVE));
    assertThat(member.environment()).containsEntry("A", "1");
    assertThat(member.servingPort()).hasValue(8080);
    assertThat(member.resources().memoryMebibytes()).isEqualTo(8192);
    assertThat(logs.created())
        .allSatisfy(stream -> {
          assertThat(stream.group()).isEqualTo("/aws/sagemaker/Endpoints/titanic");
          assertThat(stream.stream()).startsWith("AllTraffic/i-0");
        });

    Upstream one = upstreams.answering(503);
    Upstream other = upstreams.answering(200);
    run(groups.get(0), one);
    run(groups.get(1), other);
    reconcile();
    awaitPings(other, 1);
    reconcileUntil("one is ready", () -> view().readyCount("AllTraffic") == 1);
    assertThat(status()).isEqualTo("Creating");
    assertThat(routed()).isEmpty();

    one.answer(200);
    reconcileUntil("it is in service", () -> status().equals("InService"));
    assertThat(routed()).hasSize(2);

    delete();
    reconcile();
    assertThat(store.load(KEY)).isEmpty();
    assertThat(runtime.groups()).isEmpty();
    assertThat(routes.traffic().variants()).isEmpty();
    assertAllMemoryIsFree();
    assertThat(credentials.held).isEmpty();
  }

  @Test
  void everyInstanceHasAKeyOfItsOwnThatReadsTheModelAndGoesWithIt() throws Exception {
    bringUp(2);
    GroupId dies = runtime.groups().getFirst();
    GroupId stays = runtime.groups().getLast();
    StoreScope.Area model = StoreScope.Area.object("bucket", "model.tar.gz");
    assertThat(credentials.held)
        .containsOnly(
            Map.entry(name(dies), new StoreScope(List.of(model), List.of())),
            Map.entry(name(stays), new StoreScope(List.of(model), List.of())));
    assertThat(runtime.spec(stays).members().getFirst().environment())
        .containsEntry("AWS_ACCESS_KEY_ID", "AKIA-" + stays + "-primary")
        .containsEntry("AWS_ENDPOINT_URL", "http://" + runtime.platformHost() + ":7373");
    runtime.exit(dies, InstanceStarter.HOST, 137);
    reconcile();
    assertThat(credentials.revoked()).containsExactly(dies.value());
    assertThat(credentials.held).containsKey(name(stays)).doesNotContainKey(name(dies));
  }

  private static InstanceName name(GroupId group) {
    return new InstanceName(KEY.tenant(), group.value(), InstanceStarter.HOST);
  }

  @Test
  void anInstanceThatDiesIsReplacedWhileTheOthersServe() {
    bringUp(2);
    GroupId dies = runtime.groups().getFirst();
    runtime.exit(dies, InstanceStarter.HOST, 137);
    reconcile();

    assertThat(status()).isEqualTo("InService");
    assertThat(routed()).hasSize(1);
    assertThat(runtime.groups()).hasSize(2).doesNotContain(dies);
    runStarting();
    reconcileUntil("it is replaced", () -> routed().size() == 2);
    assertThat(store.unsettled()).containsExactly(KEY); // the failure is remembered for a while
    clock.advance(Duration.ofMinutes(11));
    reconcile();
    assertThat(store.unsettled()).isEmpty();
  }

  @Test
  void anInstanceThatKeepsDyingIsStartedEverMoreSlowly() {
    bringUp(1);
    runtime.exit(runtime.groups().getFirst(), 1);
    reconcile();
    runtime.exit(runtime.groups().getFirst(), 1);
    reconcile();
    assertThat(runtime.groups()).isEmpty();
    clock.advance(Duration.ofMillis(999));
    reconcile();
    assertThat(runtime.groups()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    reconcile();
    assertThat(runtime.groups()).hasSize(1);
    assertThat(status()).isEqualTo("InService");
  }

  @Test
  void anInstanceThatStopsAnsweringIsDrainedAndReplaced() {
    List<Upstream> serving = bringUp(1);
    GroupId silent = runtime.groups().getFirst();
    serving.getFirst().answer(500);

    reconcileUntil("it is replaced", () -> !runtime.groups().contains(silent));
    assertThat(stops(silent)).isEqualTo(1);
    runStarting();
    reconcileUntil("the new one serves", () -> routed().size() == 1);
  }

  @Test
  void aStartThatCrashesTwiceFailsTheCreationWithEverythingThatHelps() {
    logs.line("loading");
    logs.line("no SavedModel bundles found!");
    create(1);
    reconcile();
    runtime.exit(runtime.groups().getFirst(), 3);
    reconcile();
    assertThat(status()).isEqualTo("Creating");
    runtime.exit(runtime.groups().getFirst(), 3);
    reconcile();

    assertThat(status()).isEqualTo("Failed");
    assertThat(EndpointDescription.of(view()).failureReason())
        .startsWith(
            "The primary container for production variant AllTraffic did not pass the ping health"
                + " check. Please check CloudWatch logs for this endpoint.")
        .contains("exited with code 3")
        .contains("Last ping: ")
        .endsWith("Last log lines:\nloading\nno SavedModel bundles found!");
    assertThat(runtime.groups()).isEmpty();
    assertAllMemoryIsFree();
    delete();
    reconcile();
    assertThat(store.load(KEY)).isEmpty();
  }

  @Test
  void aStartThatNeverAnswersFailsAtItsDeadline() {
    create(2);
    reconcile();
    Upstream answers = upstreams.answering(200);
    Upstream refuses = upstreams.answering(503);
    run(runtime.groups().get(0), answers);
    run(runtime.groups().get(1), refuses);
    reconcile();
    // The second is sent when the first one's answer is known.
    awaitPings(refuses, 2);
    clock.advance(Samples.SPEC.startupTimeout().plusMillis(1));
    reconcileUntil("it has failed", () -> status().equals("Failed"));

    assertThat(EndpointDescription.of(view()).failureReason())
        .contains("was given 60 seconds")
        .contains("Last ping: HTTP 503");
    reconcile();
    assertThat(runtime.groups()).isEmpty();
    assertAllMemoryIsFree();
  }

  @Test
  void aModelThatCannotBeStagedIsNamed() {
    create(1);
    reconcile();
    for (int i = 0; i < 2; i++) {
      runtime.breakDown(
          runtime.groups().getFirst(),
          InstanceStarter.HOST,
          Phase.Step.STAGING,
          "s3://bucket/model.tar.gz is not a tar archive");
      reconcile();
    }

    assertThat(status()).isEqualTo("Failed");
    assertThat(EndpointDescription.of(view()).failureReason())
        .startsWith(
            "Failed to download the model data of production variant AllTraffic:"
                + " s3://bucket/model.tar.gz is not a tar archive");
  }

  @Test
  void whatTheRuntimeRefusesFailsAtOnce() {
    runtime.failStart(new ContainerRuntimeException("image 'x' needs Docker", false));
    create(1);
    reconcile();

    assertThat(status()).isEqualTo("Failed");
    assertThat(EndpointDescription.of(view()).failureReason()).contains("image 'x' needs Docker");
    assertAllMemoryIsFree();
  }

  @Test
  void aRuntimeThatIsAwayForAWhileIsWaitedFor() {
    runtime.failStart(new ContainerRuntimeException("engine is restarting", true));
    create(1);
    reconcile();
    assertThat(status()).isEqualTo("Creating");
    runtime.recover();
    reconcile();
    assertThat(runtime.groups()).hasSize(1);

    runStarting();
    reconcileUntil("it is in service", () -> status().equals("InService"));
    runtime.failObserve(new ContainerRuntimeException("engine is restarting", true));
    reconcile();
    assertThat(routed()).hasSize(1);
    runtime.recover();
  }

  @Test
  void whatDoesNotFitWaitsAndSaysSo() {
    create(4);
    reconcile();

    assertThat(runtime.groups()).hasSize(3);
    assertThat(
            EndpointDescription.of(view())
                .productionVariants()
                .getFirst()
                .variantStatus()
                .getFirst()
                .statusMessage())
        .contains("waiting for 8,192 MiB");
    delete();
    reconcile();
    assertAllMemoryIsFree();
  }

  @Test
  void aCreationThatWaitsForMemorySaysSoAndGoesOnWhenThereIsSome() {
    GroupId other = new GroupId("other");
    capacity.reserve(other, MACHINE_MEBIBYTES - 6697, clock.instant());
    create(1);
    reconcile();

    assertThat(status()).isEqualTo("Creating");
    PendingDeploymentSummary pending = EndpointDescription.of(view()).pendingDeploymentSummary();
    assertThat(pending.endpointConfigName()).isEqualTo(view().generation().configName());
    assertThat(pending.startTime()).isEqualTo(clock.instant());
    PendingProductionVariantSummary variant = pending.productionVariants().getFirst();
    assertThat(variant.variantName()).isEqualTo("AllTraffic");
    assertThat(variant.desiredInstanceCount()).isEqualTo(1);
    assertThat(variant.currentInstanceCount()).isZero();
    assertThat(variant.variantStatus().getFirst().status()).isEqualTo(VariantStatus.CREATING);
    assertThat(variant.variantStatus().getFirst().startTime()).isEqualTo(clock.instant());
    assertThat(variant.variantStatus().getFirst().statusMessage())
        .isEqualTo("waiting for 8,192 MiB: 6,697 of 24,576 MiB are free");

    // By the loop's own tick: nobody pokes the endpoint when others give memory back.
    reconciler.start();
    capacity.release(other);
    Eventually.until("it is started", () -> !runtime.groups().isEmpty());
    Eventually.until(
        "it waits no more",
        () -> view().instances().getFirst().state() instanceof InstanceState.Starting);
    assertThat(
            EndpointDescription.of(view())
                .pendingDeploymentSummary()
                .productionVariants()
                .getFirst()
                .variantStatus()
                .getFirst()
                .statusMessage())
        .isNull();
    runStarting();
    Eventually.until("it is in service", () -> status().equals("InService"));
    assertThat(EndpointDescription.of(view()).pendingDeploymentSummary()).isNull();
  }

  @Test
  void aCreationThatNeverGetsItsMemoryFailsAndGivesItsPlaceInTheQueueBack() {
    GroupId other = new GroupId("other");
    capacity.reserve(other, MACHINE_MEBIBYTES, clock.instant());
    create(1);
    reconcile();
    clock.advance(Samples.LIMITS.capacityTimeout().plusMillis(1));
    reconcile();

    assertThat(status()).isEqualTo("Failed");
    assertThat(EndpointDescription.of(view()).failureReason())
        .startsWith(
            "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity"
                + " error for production variant AllTraffic: waiting for 8,192 MiB: 0 of 24,576"
                + " MiB are free. Please retry");
    reconcile();
    capacity.release(other);
    assertAllMemoryIsFree();
  }

  @Test
  void deleteIsLegalInEveryState() {
    List<Runnable> states =
        List.of(
            () -> {},
            this::reconcile,
            () -> {
              reconcile();
              runtime.stage(runtime.groups().getFirst(), "1 of 2");
            },
            () -> {
              reconcile();
              run(runtime.groups().getFirst(), upstreams.answering(503));
              reconcile();
            },
            () -> {
              reconcile();
              runtime.exit(runtime.groups().getFirst(), 1);
            },
            () -> {
              reconcile();
              runStarting();
              reconcileUntil("it is in service", () -> status().equals("InService"));
            });
    for (Runnable reach : states) {
      create(1);
      reach.run();
      delete();
      delete();
      reconcile();
      assertThat(store.load(KEY)).isEmpty();
      assertThat(runtime.groups()).isEmpty();
      assertAllMemoryIsFree();
    }
  }

  @Test
  void instancesSurviveTheControlPlaneAndServeBeforeTheFirstPass() {
    bringUp(2);
    List<GroupId> before = runtime.groups();
    GroupId dead = before.getLast();
    restart();
    runtime.exit(dead, 137);

    reconciler.restore();

    assertThat(routed()).hasSize(1);
    reconcile();
    assertThat(runtime.groups()).contains(before.getFirst()).doesNotContain(dead);
    assertThat(starts(before.getFirst())).isEqualTo(1);
    assertThat(status()).isEqualTo("InService");
  }

  @ParameterizedTest(name = "killed after act {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aCrashAfterAnyActHeals(int acts) {
    // reserve, start, stop, remove, release, and one that is never reached
    Killer killer = new Killer(acts);
    create(1);
    restart(killer);
    Eventually.until(
        "it came up, was deleted and is gone",
        () -> {
          try {
            reconcile();
          } catch (Killer.Killed _) {
            restart();
            reconciler.restore();
          }
          runStarting();
          if (status().equals("InService")) {
            delete();
          }
          return store.load(KEY).isEmpty();
        });

    assertThat(killer.hasStruck()).isEqualTo(acts <= 5);
    assertThat(runtime.groups()).isEmpty();
    assertAllMemoryIsFree();
    assertThat(
            runtime.calls().stream()
                .filter(Call.Start.class::isInstance)
                .map(call -> ((Call.Start) call).spec().id())
                .distinct())
        .as("one instance, however often it was started")
        .hasSize(1);
  }

  @Test
  void groupsThatNoRowTracksAreSweptAfterAWhile() throws Exception {
    bringUp(1);
    InstanceGroupSpec known = runtime.spec(runtime.groups().getFirst());
    runtime.start(
        new InstanceGroupSpec(new GroupId("ep-stray"), known.owner(), known.members(), false));
    runtime.start(
        new InstanceGroupSpec(
            new GroupId("job"),
            new Owner(KEY.tenant(), Owner.Kind.TRAINING_JOB, "job"),
            known.members(),
            false));
    EndpointSweep sweep =
        new EndpointSweep(store, runtime, capacity, credentials, Duration.ofMinutes(1));

    assertThat(sweep.sweep(clock.instant())).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    assertThat(sweep.sweep(clock.instant())).containsExactly(new GroupId("ep-stray"));
    assertThat(runtime.groups()).containsExactly(known.id(), new GroupId("job"));
    assertThat(credentials.revoked()).containsExactly("ep-stray");
    assertThat(sweep.tracked()).containsExactly(known.id());
  }

  @Test
  void theLoopBringsAnEndpointUpByItself() {
    runtime.driveBy(
        new FakeContainerRuntime.Machine() {
          @Override
          public void started(InstanceGroupSpec spec) {
            run(spec.id(), upstreams.answering(200));
          }

          @Override
          public void stopping(GroupId id, Duration grace) {
            runtime.exit(id, 143);
          }

          @Override
          public void removed(GroupId id) {}
        });
    reconciler.start();
    create(3);
    reconciler.poke(KEY);
    Eventually.until("it is in service", () -> status().equals("InService"));
    assertThat(routed()).hasSize(3);
    delete();
    reconciler.poke(KEY);
    Eventually.until("it is gone", () -> store.load(KEY).isEmpty());
    assertThat(runtime.groups()).isEmpty();
  }

  private EndpointReconciler reconciler() {
    return new EndpointReconciler(
        store, runtime, capacity, logs, credentials, routes, Samples.LIMITS, PINGS, clock, random);
  }

  /** What kill -9 and a new start leave: rows and groups. */
  private void restart() {
    restart(new Killer(Integer.MAX_VALUE));
  }

  private void restart(Killer killer) {
    reconciler.close();
    runtime = runtime.restarted();
    routes = new RouteTable();
    reconciler =
        new EndpointReconciler(
            store,
            killer.around(runtime),
            killer.around(capacity),
            logs,
            credentials,
            routes,
            Samples.LIMITS,
            PINGS,
            clock,
            random);
  }

  private void create(int instances) {
    assertThat(
            store.insert(
                Samples.endpoint(new EndpointState.Creating(clock.instant())),
                "{}",
                Samples.generation("AllTraffic"),
                List.of(new VariantCapacity("AllTraffic", instances, 1))))
        .isTrue();
  }

  private List<Upstream> bringUp(int instances) {
    create(instances);
    reconcile();
    List<Upstream> serving = runStarting();
    reconcileUntil("it is in service", () -> status().equals("InService"));
    return serving;
  }

  /** Lets every instance that starts run, behind an upstream that answers pings. */
  private List<Upstream> runStarting() {
    List<Upstream> serving = new ArrayList<>();
    for (GroupId group : runtime.groups()) {
      try {
        if (runtime.observe(group).orElseThrow().members().getFirst().phase()
            instanceof Phase.Pending) {
          Upstream upstream = upstreams.answering(200);
          run(group, upstream);
          serving.add(upstream);
        }
      } catch (ContainerRuntimeException e) {
        throw new AssertionError(e);
      }
    }
    return serving;
  }

  private void run(GroupId group, Upstream upstream) {
    runtime.run(group, InstanceStarter.HOST, Optional.of(upstream.address()));
  }

  private void delete() {
    Endpoint endpoint = store.find(KEY).orElseThrow();
    assertThat(store.update(endpoint, new EndpointState.Deleting(clock.instant()), clock.instant()))
        .isTrue();
  }

  private void reconcile() {
    reconciler.reconcile(KEY);
  }

  private void reconcileUntil(String what, BooleanSupplier condition) {
    Eventually.until(
        what,
        () -> {
          reconcile();
          return condition.getAsBoolean();
        });
  }

  private static void awaitPings(Upstream upstream, int pings) {
    Eventually.until("a ping arrives", () -> upstream.pings() >= pings);
  }

  private EndpointView view() {
    return store.load(KEY).orElseThrow();
  }

  private String status() {
    return store.find(KEY).map(endpoint -> endpoint.state().status()).orElse("gone");
  }

  private List<TrafficSnapshot.Instance> routed() {
    return routes.traffic().variants().stream()
        .flatMap(variant -> variant.instances().stream())
        .toList();
  }

  private long stops(GroupId group) {
    return runtime.calls().stream()
        .filter(call -> call instanceof Call.Stop(var id, _) && id.equals(group))
        .count();
  }

  private long starts(GroupId group) {
    return runtime.calls().stream()
        .filter(call -> call instanceof Call.Start(var spec) && spec.id().equals(group))
        .count();
  }

  private void assertAllMemoryIsFree() {
    GroupId probe = new GroupId("probe");
    assertThat(capacity.reserve(probe, MACHINE_MEBIBYTES, clock.instant()))
        .isInstanceOf(Capacity.Answer.Granted.class);
    capacity.release(probe);
  }
}
