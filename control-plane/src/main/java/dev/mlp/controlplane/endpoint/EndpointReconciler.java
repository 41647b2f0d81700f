package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.InstanceCredentials;
import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.invocation.EndpointKey;
import dev.mlp.controlplane.invocation.RouteTable;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.logs.LogStreamId;
import dev.mlp.controlplane.reconcile.ReconcileLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of every endpoint what its rows say: starts, watches, routes to, drains and removes its
 * instances. One pass loads the rows, decides, acts, records, and goes on until nothing is left to
 * do; what has to be waited for pokes it again.
 */
public final class EndpointReconciler implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(EndpointReconciler.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  // Every endpoint is looked at this often, though nothing hints at a change.
  private static final int TICKS_PER_FULL_ROUND = 10;
  private static final int LOG_LINES = 20;
  // Far more steps than any pass has; a decision that undoes itself must not spin.
  private static final int STEPS_PER_PASS = 200;

  private final EndpointStore store;
  private final ContainerRuntime runtime;
  private final Capacity capacity;
  private final LogStore logs;
  private final InstanceCredentials credentials;
  private final RouteTable routes;
  private final EndpointLimits limits;
  private final Clock clock;
  private final RandomGenerator random;
  private final InstanceStarter starter;
  private final PingMonitor pings;
  private final ReconcileLoop<EndpointKey> loop;
  private final AtomicLong routeVersion = new AtomicLong();
  private final AtomicInteger ticks = new AtomicInteger();
  // Whom a hint about a group is for.
  private final ConcurrentHashMap<GroupId, EndpointKey> owners = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<GroupId, CompletableFuture<Void>> drains =
      new ConcurrentHashMap<>();

  /**
   * @param random for the instances' ids
   */
  public EndpointReconciler(
      EndpointStore store,
      ContainerRuntime runtime,
      Capacity capacity,
      LogStore logs,
      InstanceCredentials credentials,
      RouteTable routes,
      EndpointLimits limits,
      PingLimits pingLimits,
      Clock clock,
      RandomGenerator random) {
    this.store = store;
    this.runtime = runtime;
    this.capacity = capacity;
    this.logs = logs;
    this.credentials = credentials;
    this.routes = routes;
    this.limits = limits;
    this.clock = clock;
    this.random = random;
    this.starter = new InstanceStarter(runtime, capacity, logs, credentials);
    this.pings = new PingMonitor(pingLimits, limits.failedPings(), this::hint);
    this.loop = new ReconcileLoop<>("endpoints", this::due, this::reconcile);
  }

  /**
   * Gives the gateway its routes from the rows, leaving out instances that the runtime knows to be
   * gone. Called once, before the server says that it is ready, so that endpoints answer at once.
   */
  public void restore() {
    for (EndpointKey key : store.all()) {
      store
          .load(key)
          .ifPresent(view -> {
            view.instances().forEach(instance -> owners.put(instance.group(), key));
            routes.publish(EndpointRoutes.of(view, routeVersion.incrementAndGet(), this::mayRun));
          });
    }
  }

  /** Begins to work: before, nothing is done for any endpoint, whoever asks. */
  public void start() {
    runtime.onChange(this::hint);
    loop.start(TICK);
  }

  /** Asks for a pass for the endpoint soon. */
  public void poke(EndpointKey key) {
    loop.poke(key);
  }

  private void hint(GroupId group) {
    EndpointKey key = owners.get(group);
    if (key != null) {
      poke(key);
    }
  }

  private Collection<EndpointKey> due() {
    return ticks.getAndIncrement() % TICKS_PER_FULL_ROUND == 0 ? store.all() : store.unsettled();
  }

  /** One pass. Visible for tests, which run it step by step. */
  void reconcile(EndpointKey key) {
    for (int step = 0; step < STEPS_PER_PASS; step++) {
      Optional<EndpointView> view = store.load(key);
      if (view.isEmpty()) {
        routes.withdraw(key);
        return;
      }
      routes.publish(EndpointRoutes.of(view.get(), routeVersion.incrementAndGet(), _ -> true));
      if (!step(view.get())) {
        return;
      }
    }
    logger.warn("endpoint {}: still not settled after {} steps", key, STEPS_PER_PASS);
  }

  /** Whether anything has changed. */
  private boolean step(EndpointView view) {
    Instant now = now();
    EndpointPlan plan = EndpointDecider.decide(view, limits, now);
    boolean changed = false;
    for (String instance : plan.forgotten()) {
      store.delete(view.endpoint().key(), instance);
      changed = true;
    }
    for (EndpointPlan.Launch launch : plan.launches()) {
      changed |= launch(view.endpoint(), launch, now);
    }
    for (Instance instance : view.instances()) {
      changed |= advance(view, instance, !plan.unwanted().contains(instance.id()), now);
    }
    if (plan.transition().isPresent()) {
      changed |= transit(view, plan.transition().get(), now);
    }
    return changed;
  }

  private boolean launch(Endpoint endpoint, EndpointPlan.Launch launch, Instant now) {
    boolean changed = false;
    for (int i = 0; i < launch.count(); i++) {
      String id = InstanceNames.id(random);
      changed |=
          store.insert(
              endpoint,
              new Instance(
                  id,
                  launch.variant(),
                  launch.generation(),
                  InstanceNames.group(endpoint.key().name(), id),
                  new InstanceState.Waiting(now, ""),
                  1,
                  now));
    }
    return changed;
  }

  private boolean advance(EndpointView view, Instance instance, boolean wanted, Instant now) {
    EndpointKey key = view.endpoint().key();
    Optional<VariantSpec> spec = view.spec(instance);
    if (spec.isEmpty() || instance.state() instanceof InstanceState.Failed) {
      return false;
    }
    owners.put(instance.group(), key);
    try {
      InstanceObservation seen = observe(key, instance);
      InstanceAction action =
          InstanceDecider.decide(instance, spec.get(), wanted, seen, limits, now);
      return act(key, instance, spec.get(), action, now);
    } catch (ContainerRuntimeException e) {
      logger.warn("endpoint {}: instance {} is left as it is for now", key, instance.id(), e);
      return false;
    }
  }

  private InstanceObservation observe(EndpointKey key, Instance instance)
      throws ContainerRuntimeException {
    if (instance.state() instanceof InstanceState.Waiting) {
      return new InstanceObservation(Optional.empty(), PingHealth.UNKNOWN, true);
    }
    Optional<MemberObservation> member = member(runtime.observe(instance.group()));
    boolean watched =
        instance.state() instanceof InstanceState.Starting
            || instance.state() instanceof InstanceState.Ready;
    if (watched
        && member.isPresent()
        && member.get().phase() instanceof Phase.Running
        && member.get().address().isPresent()) {
      HostPort address = HostPort.parse(member.get().address().get());
      pings.watch(instance.group(), address.host(), address.port());
    }
    return new InstanceObservation(member, pings.health(instance.group()), drained(key, instance));
  }

  /** Instances that drain have left the routes before: the pass publishes what it has loaded. */
  private boolean drained(EndpointKey key, Instance instance) {
    if (!(instance.state() instanceof InstanceState.Draining)) {
      return false;
    }
    return drains
        .computeIfAbsent(
            instance.group(),
            _ -> {
              CompletableFuture<Void> drain = routes.drain(key, instance.id());
              var _ = drain.whenComplete((_, _) -> poke(key));
              return drain;
            })
        .isDone();
  }

  private boolean act(
      EndpointKey key, Instance instance, VariantSpec spec, InstanceAction action, Instant now)
      throws ContainerRuntimeException {
    return switch (action) {
      case InstanceAction.Rest _ -> false;
      case InstanceAction.Begin _ -> begin(key, instance, spec, now);
      case InstanceAction.Admit(var host, var port) ->
          record(key, instance, new InstanceState.Ready(now, host, port));
      case InstanceAction.Drain(var trouble) ->
          record(
              key,
              instance,
              new InstanceState.Draining(now, trouble.map(what -> failure(key, instance, what))));
      case InstanceAction.Stop(var trouble) -> {
        Optional<InstanceFailure> failure =
            trouble.map(what -> failure(key, instance, what)).or(() -> carried(instance.state()));
        pings.forget(instance.group());
        runtime.stop(instance.group(), limits.stopGrace());
        yield record(key, instance, new InstanceState.Stopping(now, failure));
      }
      case InstanceAction.Remove _ -> remove(key, instance, now);
    };
  }

  private boolean begin(EndpointKey key, Instance instance, VariantSpec spec, Instant now)
      throws ContainerRuntimeException {
    Optional<String> waitingFor;
    try {
      waitingFor = starter.start(key, instance, spec, now);
    } catch (ContainerRuntimeException e) {
      if (e.retryable()) {
        throw e;
      }
      InstanceFailure failure =
          failure(key, instance, new InstanceTrouble.Refused(String.valueOf(e.getMessage())));
      return record(key, instance, new InstanceState.Stopping(now, Optional.of(failure)));
    }
    if (waitingFor.isEmpty()) {
      return record(key, instance, new InstanceState.Starting(now));
    }
    if (instance.state() instanceof InstanceState.Waiting(var since, var reason)
        && !reason.equals(waitingFor.get())
        && record(key, instance, new InstanceState.Waiting(since, waitingFor.get()))) {
      logger.info(
          "endpoint {}: instance {} of {} is {}",
          key,
          instance.id(),
          instance.variant(),
          waitingFor.get());
    }
    // Nothing more to do for it in this pass: whoever gives memory back is not known here.
    return false;
  }

  private boolean remove(EndpointKey key, Instance instance, Instant now)
      throws ContainerRuntimeException {
    runtime.remove(instance.group());
    capacity.release(instance.group());
    credentials.revoke(instance.group().value());
    logs.close(log(key, instance), now);
    drains.remove(instance.group());
    owners.remove(instance.group());
    Optional<InstanceFailure> failure = carried(instance.state());
    if (failure.isPresent()) {
      return record(key, instance, new InstanceState.Failed(now, failure.get()));
    }
    store.delete(key, instance.id());
    logger.info("endpoint {}: instance {} is removed", key, instance.id());
    return true;
  }

  private boolean record(EndpointKey key, Instance instance, InstanceState state) {
    boolean recorded = store.update(key, instance, state);
    if (recorded && !state.kind().equals(instance.state().kind())) {
      logger.info(
          "endpoint {}: instance {} of {}: {} → {}",
          key,
          instance.id(),
          instance.variant(),
          instance.state().kind(),
          state);
    }
    return recorded;
  }

  private boolean transit(EndpointView view, EndpointPlan.Transition transition, Instant now) {
    Endpoint endpoint = view.endpoint();
    return switch (transition) {
      case EndpointPlan.Transition.ToInService _ -> {
        EndpointState next = new EndpointState.InService(now);
        // First the route: who reads that it is in service may call it at once.
        routes.publish(EndpointRoutes.of(view.in(next), routeVersion.incrementAndGet(), _ -> true));
        yield record(endpoint, next, now);
      }
      case EndpointPlan.Transition.ToFailed(var reason) ->
          record(endpoint, new EndpointState.Failed(now, reason), now);
      case EndpointPlan.Transition.Vanish _ -> {
        boolean vanished = store.vanish(endpoint);
        if (vanished) {
          logger.info("endpoint {}: it is gone", endpoint.key());
        }
        yield vanished;
      }
    };
  }

  private boolean record(Endpoint endpoint, EndpointState next, Instant now) {
    boolean recorded = store.update(endpoint, next, now);
    if (recorded) {
      logger.info("endpoint {}: {} → {}", endpoint.key(), endpoint.state().status(), next);
    }
    return recorded;
  }

  private InstanceFailure failure(EndpointKey key, Instance instance, InstanceTrouble trouble) {
    List<String> log = logs.tail(log(key, instance), LOG_LINES);
    String lastPing = pings.health(instance.group()).lastAnswer();
    return new InstanceFailure(
        trouble.cause(), FailureReason.of(instance.variant(), trouble, lastPing, log));
  }

  private static LogStreamId log(EndpointKey key, Instance instance) {
    return InstanceNames.log(key.tenant(), key.name(), instance.variant(), instance.id());
  }

  private static Optional<InstanceFailure> carried(InstanceState state) {
    return switch (state) {
      case InstanceState.Draining(_, var failure) -> failure;
      case InstanceState.Stopping(_, var failure) -> failure;
      case InstanceState.Failed(_, var failure) -> Optional.of(failure);
      case InstanceState.Waiting _, InstanceState.Starting _, InstanceState.Ready _ ->
          Optional.empty();
    };
  }

  /** Only a runtime that says otherwise makes an instance unusable. */
  private boolean mayRun(Instance instance) {
    try {
      return member(runtime.observe(instance.group()))
          .map(member -> member.phase() instanceof Phase.Running)
          .orElse(false);
    } catch (ContainerRuntimeException e) {
      logger.warn("cannot look at instance {}; it keeps its traffic", instance.id(), e);
      return true;
    }
  }

  private static Optional<MemberObservation> member(Optional<GroupObservation> group) {
    return group.map(found -> found.members().getFirst());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Ends the passes; what runs goes on. */
  @Override
  public void close() {
    loop.close();
    pings.close();
  }
}
