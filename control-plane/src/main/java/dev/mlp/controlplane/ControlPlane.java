package dev.mlp.controlplane;

import dev.mlp.controlplane.access.AccessKey;
import dev.mlp.controlplane.access.AccessKeyStore;
import dev.mlp.controlplane.access.AccessKeys;
import dev.mlp.controlplane.access.EmbeddedStoreCredentials;
import dev.mlp.controlplane.access.ExternalStoreCredentials;
import dev.mlp.controlplane.access.IdentityOperations;
import dev.mlp.controlplane.access.InstanceCredentials;
import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import dev.mlp.controlplane.artifact.FailureText;
import dev.mlp.controlplane.artifact.S3ArtifactStore;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.capacity.CapacityStore;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.capacity.MachineCapacity;
import dev.mlp.controlplane.capacity.NvidiaGpus;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.endpoint.EndpointConfigOperations;
import dev.mlp.controlplane.endpoint.EndpointConfigStore;
import dev.mlp.controlplane.endpoint.EndpointLimits;
import dev.mlp.controlplane.endpoint.EndpointOperations;
import dev.mlp.controlplane.endpoint.EndpointReconciler;
import dev.mlp.controlplane.endpoint.EndpointStore;
import dev.mlp.controlplane.endpoint.EndpointSweep;
import dev.mlp.controlplane.endpoint.PingLimits;
import dev.mlp.controlplane.http.FrontConfig;
import dev.mlp.controlplane.http.FrontServer;
import dev.mlp.controlplane.invocation.Gateway;
import dev.mlp.controlplane.invocation.GatewayLimits;
import dev.mlp.controlplane.invocation.InvocationMetrics;
import dev.mlp.controlplane.invocation.RouteTable;
import dev.mlp.controlplane.logs.FileLogStore;
import dev.mlp.controlplane.logs.LogOperations;
import dev.mlp.controlplane.logs.LogStreamStore;
import dev.mlp.controlplane.metrics.InstanceDimensions;
import dev.mlp.controlplane.metrics.InstanceGauges;
import dev.mlp.controlplane.metrics.InstanceSampler;
import dev.mlp.controlplane.metrics.MetricOperations;
import dev.mlp.controlplane.metrics.MetricStore;
import dev.mlp.controlplane.metrics.Metrics;
import dev.mlp.controlplane.model.ModelOperations;
import dev.mlp.controlplane.model.ModelStore;
import dev.mlp.controlplane.reconcile.ReconcileLoop;
import dev.mlp.controlplane.schedule.Schedules;
import dev.mlp.controlplane.training.TrainingJobKey;
import dev.mlp.controlplane.training.TrainingJobListStore;
import dev.mlp.controlplane.training.TrainingJobOperations;
import dev.mlp.controlplane.training.TrainingJobReconciler;
import dev.mlp.controlplane.training.TrainingJobStore;
import dev.mlp.controlplane.training.TrainingMetricStore;
import dev.mlp.controlplane.training.TrainingPlacement;
import dev.mlp.controlplane.wire.OperationTable;
import dev.mlp.controlplane.wire.RequestChecks;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes every part, hands each what it needs, and closes them in reverse
 * order. What runs in instances goes on without it.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ControlPlane.class);
  private static final Duration RECONCILE_TICK = Duration.ofSeconds(1);
  private static final Duration LOG_TICK = Duration.ofMillis(200);
  private static final Duration METRICS_TICK = Duration.ofSeconds(2);
  private static final Duration METRICS_WRITE = Duration.ofSeconds(30);
  private static final Duration USAGE_TICK = Duration.ofSeconds(5);
  private static final int PARALLEL_DOWNLOADS = 8;

  /** The exit code, as sysexits has it for what may succeed later. */
  private static final int DATABASE_CLOSED = 75;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private volatile int port;
  private volatile String url = "";
  private List<String> startUpLines = List.of();

  private ControlPlane() {}

  /**
   * Starts everything and returns when requests are served and endpoints that were there answer.
   *
   * @throws IOException when a part does not start; nothing is left running
   */
  public static ControlPlane start(Config config) throws IOException, DataDirectory.InUseException {
    ControlPlane controlPlane = new ControlPlane();
    try {
      controlPlane.compose(config);
      return controlPlane;
    } catch (CompletionException e) {
      controlPlane.close();
      throw new IOException(FailureText.of(e.getCause() == null ? e : e.getCause()), e);
    } catch (IOException | RuntimeException | DataDirectory.InUseException e) {
      controlPlane.close();
      throw e;
    }
  }

  private void compose(Config config) throws IOException, DataDirectory.InUseException {
    Clock clock = Clock.systemUTC();
    DataDirectory directory = own(DataDirectory.open(config.dataDirectory()));

    InstanceCatalogue catalogue = InstanceCatalogue.with(config.instances().extraTypes());
    // The three slow parts start side by side.
    CompletableFuture<Function<String, Optional<StoreKey>>> keysReady = new CompletableFuture<>();
    StoreCredentials internal = StoreCredentials.random();
    CompletableFuture<Optional<EmbeddedS3>> embedded =
        beside(() -> embeddedStore(config, directory, internal, keysReady));
    CompletableFuture<OperationTable> table =
        beside(() -> new OperationTable(new RequestChecks(catalogue::has)));
    Database database = own(Database.embedded(directory.database()));
    AccessKeys keys = new AccessKeys(new AccessKeyStore(database.jdbi()), clock);
    AccessKey first = keys.createFirst();
    keysReady.complete(id -> keys.storeKey(first.account(), id));
    // Nothing is served from files or the class path: no folder in the temporary directory that a
    // killed server would leave.
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    own(() -> vertx.close().toCompletionStage().toCompletableFuture().join());

    Optional<EmbeddedS3> s3 = embedded.join();
    s3.ifPresent(this::own);
    ArtifactStore artifacts = artifactStore(config, s3, internal);
    LogStreamStore streams = new LogStreamStore(database.jdbi());
    FileLogStore logs = own(new FileLogStore(streams, directory.logs(), clock));
    BuiltInImages images =
        new Installation(config.home(), config.cacheDirectory(), config.recordAotCaches())
            .images(config.imageAliases());
    StagingCache cache =
        StagingCache.open(
            artifacts,
            directory.cache(),
            PARALLEL_DOWNLOADS,
            config.instances().stagingCacheGibibytes().isPresent()
                ? config.instances().stagingCacheGibibytes().getAsLong() << 30
                : StagingCache.defaultLimitBytes(directory.cache()),
            clock);
    Runtimes runtimes =
        own(Runtimes.open(config, directory, images, cache, new Collecting(artifacts), clock));
    ContainerRuntime runtime = runtimes.runtime();
    Machine machine =
        new Machine(
            config.memoryMebibytes().orElseGet(MachineMemory::forInstances),
            MachineCpus.forInstances(),
            runtime.capabilities().gpus() ? new NvidiaGpus().present() : List.of());
    MachineCapacity capacity = new MachineCapacity(new CapacityStore(database.jdbi()), machine);
    InstanceSizing sizing =
        new InstanceSizing(
            catalogue, machine, config.instances().types(), config.instances().cpu());
    TrainingPlacement placement = new TrainingPlacement(sizing, capacity);

    InstanceCredentials credentials =
        config
            .objectStore()
            .<InstanceCredentials>map(
                store -> new ExternalStoreCredentials(this::urlAt, store.endpoint()))
            .orElseGet(() -> new EmbeddedStoreCredentials(keys.instances(), this::urlAt));
    TrainingJobStore jobs = new TrainingJobStore(database.jdbi());
    TrainingMetricStore metrics = new TrainingMetricStore(database.jdbi());
    Metrics series = own(new Metrics(new MetricStore(database.jdbi()), clock));
    TrainingJobReconciler training =
        new TrainingJobReconciler(
            jobs, metrics, series, runtime, placement, logs, credentials, clock);
    ReconcileLoop<TrainingJobKey> trainingLoop =
        own(new ReconcileLoop<>("training", training::active, training::reconcile));
    runtime.onChange(group -> training.owner(group).ifPresent(trainingLoop::poke));
    capacity.onGrant(group -> training.owner(group).ifPresent(trainingLoop::poke));
    TrainingJobOperations jobOperations =
        new TrainingJobOperations(
            jobs,
            new TrainingJobListStore(database.jdbi()),
            metrics,
            runtime,
            artifacts,
            placement,
            logs,
            trainingLoop::poke,
            clock);

    RouteTable routes = new RouteTable();
    EndpointStore endpointStore = new EndpointStore(database.jdbi());
    EndpointLimits limits = EndpointLimits.defaults();
    EndpointReconciler endpoints =
        own(
            new EndpointReconciler(
                endpointStore,
                runtime,
                capacity,
                sizing,
                logs,
                credentials,
                routes,
                limits,
                PingLimits.defaults(),
                clock,
                RandomGenerator.getDefault()));
    ModelOperations models =
        new ModelOperations(new ModelStore(database.jdbi()), runtime, artifacts, clock);
    EndpointConfigOperations configs =
        new EndpointConfigOperations(
            new EndpointConfigStore(database.jdbi()), models, sizing, clock);
    EndpointOperations endpointOperations =
        new EndpointOperations(
            endpointStore, configs, models, sizing, limits, clock, endpoints::poke);

    OperationTable operations = table.join();
    Operations.fill(
        operations,
        jobOperations,
        models,
        configs,
        endpointOperations,
        new LogOperations(streams, logs),
        new IdentityOperations());
    Operations.fill(operations, new MetricOperations(series, clock));

    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    InvocationMetrics invocations = new InvocationMetrics(routes, registry);
    ScheduledExecutorService ticks =
        own(
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("metrics-tick").factory()));
    var _ =
        ticks.scheduleWithFixedDelay(
            invocations::refresh, 0, METRICS_TICK.toMillis(), TimeUnit.MILLISECONDS);
    InstanceSampler sampler =
        own(
            new InstanceSampler(
                runtime,
                InstanceDimensions.sageMaker(endpointStore::variant, training::volumeBytes),
                () -> config.dataDirectory().toFile().getTotalSpace(),
                series,
                new InstanceGauges(registry)));
    var _ = ticks.scheduleWithFixedDelay(() -> stopIfClosed(database), 1, 1, TimeUnit.SECONDS);
    Gateway gateway = own(new Gateway(vertx, routes, GatewayLimits.defaults()));
    FrontConfig frontConfig = FrontConfig.of(config.host(), config.port());
    for (String address : runtimes.instanceAddresses()) {
      frontConfig = frontConfig.withInstanceHost(address);
    }
    FrontServer front =
        own(
            new FrontServer(
                vertx,
                frontConfig,
                new FrontServer.Parts(operations, keys, gateway, registry, clock),
                s3.map(EmbeddedS3::uri),
                Map.of("database", () -> problem(database))));

    logs.start(LOG_TICK);
    endpoints.restore();
    port = front.start();
    url = urlAt(config.host());
    // Not before: what they start is told the URL.
    EndpointSweep endpointSweep =
        new EndpointSweep(endpointStore, runtime, capacity, credentials, Housekeeping.ORPHAN_GRACE);
    Housekeeping.sweepKeys(endpointSweep, training, keys.instances());
    endpoints.start();
    trainingLoop.start(RECONCILE_TICK);
    series.start(METRICS_WRITE);
    sampler.start(USAGE_TICK);
    own(
        Housekeeping.schedule(
            new Schedules(database.dataSource()),
            endpointSweep,
            training,
            keys.instances(),
            runtimes,
            series,
            s3,
            clock));

    Tenant tenant = new Tenant(first.account(), config.region());
    directory.publishCredentials(
        new DataDirectory.ClientSettings(
            first.id(),
            first.secret(),
            tenant.region(),
            tenant.account(),
            "arn:aws:iam::" + tenant.account() + ":role/mlp",
            Installation.TRAINING_IMAGE,
            Installation.INFERENCE_IMAGE));
    directory.publishServer(
        url,
        clock.instant().toString(),
        Main.Version.current(),
        runtimes.description(),
        "%,d MiB".formatted(machine.memoryMebibytes()));
    startUpLines =
        List.of(
            "data directory: " + config.dataDirectory(),
            "runtime: " + runtimes.description(),
            "memory for instances: %,d MiB".formatted(machine.memoryMebibytes()),
            "set up other clients: eval \"$(mlp env --data-dir %s)\""
                .formatted(config.dataDirectory()));
  }

  /** Where it is served for those that see this machine at the host. */
  private String urlAt(String host) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static Optional<EmbeddedS3> embeddedStore(
      Config config,
      DataDirectory directory,
      StoreCredentials internal,
      CompletableFuture<Function<String, Optional<StoreKey>>> keys)
      throws IOException {
    if (config.objectStore().isPresent()) {
      return Optional.empty();
    }
    StoreKey own = StoreKey.whole(internal.secret());
    return Optional.of(
        EmbeddedS3.start(
            directory.objects(),
            id -> id.equals(internal.id()) ? Optional.of(own) : keys.join().apply(id)));
  }

  private ArtifactStore artifactStore(
      Config config, Optional<EmbeddedS3> embedded, StoreCredentials internal) {
    return config
        .objectStore()
        .map(store ->
            own(
                new S3ArtifactStore(
                    URI.create(store.endpoint()),
                    store.accessKeyId(),
                    store.secretAccessKey(),
                    store.region())))
        .orElseGet(() ->
            own(
                new S3ArtifactStore(
                    embedded.orElseThrow().uri(),
                    internal.id(),
                    internal.secret(),
                    config.region())));
  }

  /**
   * An embedded database that could not write, such as to a full disk, has closed itself for good,
   * and nothing can be answered any more. What runs goes on, and the next start adopts it.
   */
  private static void stopIfClosed(Database database) {
    if (database.hasClosedItself()) {
      logger.error(
          "the database has closed itself, probably because the disk is full: the server stops."
              + " Make room and start it again; what runs goes on meanwhile");
      Runtime.getRuntime().halt(DATABASE_CLOSED);
    }
  }

  private static Optional<String> problem(Database database) {
    try {
      database.jdbi().useHandle(handle -> handle.execute("SELECT 1"));
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Work that may throw an {@link IOException}. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> CompletableFuture<T> beside(Work<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("start-up")
        .start(() -> {
          try {
            result.complete(work.run());
          } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /** Where it is served, without a slash at the end. */
  public String url() {
    return url;
  }

  /** What a person who starts it should know. */
  public List<String> startUpLines() {
    return startUpLines;
  }

  /** Stops serving and lets go of everything; instances run on. */
  @Override
  public void close() {
    synchronized (parts) {
      while (!parts.isEmpty()) {
        AutoCloseable part = parts.pop();
        try {
          part.close();
        } catch (Exception e) {
          logger.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
        }
      }
    }
  }

  /** The control plane's own key for the embedded store: made at every start, told to nobody. */
  private record StoreCredentials(String id, String secret) {
    static StoreCredentials random() {
      return new StoreCredentials("internal", UUID.randomUUID().toString());
    }

    @Override
    public String toString() {
      return "StoreCredentials[***]";
    }
  }
}
