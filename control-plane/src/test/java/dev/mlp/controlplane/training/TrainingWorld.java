package dev.mlp.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.RecordedCredentials;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.ObjectChangedException;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.CapacityStore;
import dev.mlp.controlplane.capacity.CpuMode;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceSizing;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.capacity.MachineCapacity;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.logs.FileLogStore;
import dev.mlp.controlplane.logs.LogStreamStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatusTransition;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobRequest;

/** Training with everything real but the runtime, the objects and the time. */
final class TrainingWorld implements AutoCloseable {
  static final Tenant TENANT = new Tenant("123456789012", "us-east-1");
  static final Caller CALLER = new Caller(TENANT, "AKIAEXAMPLE", Role.DEVELOPER);
  static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  static final long MACHINE_MEBIBYTES = 16_000;

  final SettableClock clock = new SettableClock();
  final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  final Objects objects = new Objects();
  final TrainingJobStore store = new TrainingJobStore(database.jdbi());
  final TrainingMetricStore metrics = new TrainingMetricStore(database.jdbi());
  Machine machine = new Machine(MACHINE_MEBIBYTES, 8, List.of());
  InstanceTypes types = InstanceTypes.FIT;
  Capacity capacity = new MachineCapacity(new CapacityStore(database.jdbi()), machine);
  final RecordedCredentials credentials = new RecordedCredentials();
  final List<String> samples = new CopyOnWriteArrayList<>();
  final List<TrainingJobKey> pokes = new ArrayList<>();
  FakeContainerRuntime runtime = new FakeContainerRuntime(clock);
  final FileLogStore logs;
  TrainingJobReconciler reconciler;
  TrainingJobOperations operations;

  TrainingWorld(Path logFolder) {
    logs = new FileLogStore(new LogStreamStore(database.jdbi()), logFolder, clock);
    objects.keys.add("s3://data/train/part-0.csv");
    objects.keys.add("s3://data/code/sourcedir.tar.gz");
    reconciler = reconciler(runtime, capacity);
    operations = operations(runtime);
  }

  TrainingJobReconciler reconciler(ContainerRuntime runtime, Capacity capacity) {
    return new TrainingJobReconciler(
        store,
        metrics,
        (series, _, value) ->
            samples.add(series.id().name() + " " + series.id().dimensions() + " " + value),
        runtime,
        placement(capacity),
        logs,
        credentials,
        clock);
  }

  private TrainingPlacement placement(Capacity capacity) {
    return new TrainingPlacement(
        new InstanceSizing(InstanceCatalogue.builtIn(), machine, types, CpuMode.SHARED), capacity);
  }

  private TrainingJobOperations operations(ContainerRuntime runtime) {
    return new TrainingJobOperations(
        store,
        new TrainingJobListStore(database.jdbi()),
        metrics,
        runtime,
        objects,
        placement(capacity),
        logs,
        pokes::add,
        clock);
  }

  /** The control plane ends and starts again on another machine, or configured anew. */
  void restart(Machine machine, InstanceTypes types) {
    this.machine = machine;
    this.types = types;
    capacity = new MachineCapacity(new CapacityStore(database.jdbi()), machine);
    restart();
  }

  /** The control plane ends and starts again; groups live on. */
  void restart() {
    runtime = runtime.restarted();
    reconciler = reconciler(runtime, capacity);
    operations = operations(runtime);
  }

  static TrainingJobKey key(String name) {
    return new TrainingJobKey(TENANT, new TrainingJobName(name));
  }

  /** A request that is accepted, with one channel. */
  static CreateTrainingJobRequest request(String name) {
    return CreateTrainingJobRequest.builder()
        .trainingJobName(name)
        .algorithmSpecification(a -> a.trainingImage("mlp/training").trainingInputMode("File"))
        .roleArn("arn:aws:iam::123456789012:role/training")
        .inputDataConfig(
            List.of(
                Channel.builder()
                    .channelName("train")
                    .dataSource(source ->
                        source.s3DataSource(
                            s3 -> s3.s3DataType("S3Prefix").s3Uri("s3://data/train")))
                    .build()))
        .outputDataConfig(output -> output.s3OutputPath("s3://models/"))
        .resourceConfig(
            resources -> resources.instanceType("ml.m5.large").instanceCount(1).volumeSizeInGB(30))
        .stoppingCondition(stopping -> stopping.maxRuntimeInSeconds(3600))
        .build();
  }

  void create(String name) {
    create(name, request -> request);
  }

  void create(String name, UnaryOperator<CreateTrainingJobRequest.Builder> with) {
    operations.create(CALLER, with.apply(request(name).toBuilder()).build());
  }

  void stop(String name) {
    operations.stop(CALLER, StopTrainingJobRequest.builder().trainingJobName(name).build());
  }

  DescribeTrainingJobResponse describe(String name) {
    return operations.describe(
        CALLER, DescribeTrainingJobRequest.builder().trainingJobName(name).build());
  }

  /** {@code InProgress/Training}. */
  String status(String name) {
    DescribeTrainingJobResponse job = describe(name);
    return job.trainingJobStatusAsString() + "/" + job.secondaryStatusAsString();
  }

  List<String> phases(String name) {
    return describe(name).secondaryStatusTransitions().stream()
        .map(SecondaryStatusTransition::statusAsString)
        .toList();
  }

  /** One pass for every job, a second later. */
  void tick() {
    clock.advance(Duration.ofSeconds(1));
    reconciler.active().forEach(reconciler::reconcile);
  }

  GroupId group(String name) {
    return store.find(key(name)).orElseThrow().job().group();
  }

  /** What the program of a host prints. */
  void print(String name, String host, String text) {
    Path file = logs.create(store.find(key(name)).orElseThrow().job().log(host), clock.instant());
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    logs.close();
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  /** A clock that stands still until it is moved. */
  static final class SettableClock extends Clock {
    private volatile Instant now = START;

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** An object store that has keys, and the bytes of manifests alone. */
  static final class Objects implements ArtifactStore {
    final TreeSet<String> keys = new TreeSet<>();
    final Map<String, String> manifests = new HashMap<>();
    final TreeSet<String> buckets = new TreeSet<>(List.of("data", "models"));
    boolean down;

    @Override
    public List<StoredObject> list(S3Address prefix) throws IOException {
      if (down) {
        throw new IOException("connection refused");
      }
      return keys.stream()
          .filter(key -> key.startsWith(prefix.toString()))
          .map(key -> new StoredObject(S3Address.parse(key), 1, "etag", START))
          .toList();
    }

    @Override
    public Optional<StoredObject> find(S3Address address) throws IOException {
      return list(address).stream().filter(found -> found.address().equals(address)).findFirst();
    }

    @Override
    public InputStream read(S3Address address) throws IOException {
      throw new NoSuchFileException(address.toString());
    }

    @Override
    public InputStream read(StoredObject object, long offset, long length) throws IOException {
      String text = manifests.get(object.address().toString());
      if (text == null) {
        throw new ObjectChangedException(object.address());
      }
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void write(S3Address address, Path file) {
      keys.add(address.toString());
    }

    @Override
    public boolean bucketExists(String bucket) {
      return buckets.contains(bucket);
    }

    @Override
    public void createBucket(String bucket) {
      buckets.add(bucket);
    }

    @Override
    public void delete(S3Address address) {
      keys.remove(address.toString());
    }
  }
}
