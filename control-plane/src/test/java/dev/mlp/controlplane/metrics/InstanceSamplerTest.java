package dev.mlp.controlplane.metrics;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.Usage;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstanceSamplerTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Tenant TENANT = new Tenant("123456789012", "eu-central-1");
  private static final GroupId JOB = new GroupId("job-1");
  private static final long GIGABYTE = 1L << 30;

  private record Sample(MetricId id, String unit, Instant at, double value) {}

  private final SettableClock clock = new SettableClock(START);
  private final FakeContainerRuntime runtime = new FakeContainerRuntime(clock);
  private final ConcurrentLinkedQueue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final InstanceSampler sampler =
      new InstanceSampler(
          runtime,
          InstanceDimensions.sageMaker(
              group ->
                  group.value().startsWith("ep-") ? Optional.of("AllTraffic") : Optional.empty(),
              group -> group.equals(JOB) ? OptionalLong.of(10 * GIGABYTE) : OptionalLong.empty()),
          () -> 100 * GIGABYTE,
          (series, at, value) -> samples.add(new Sample(series.id(), series.unit(), at, value)),
          new InstanceGauges(registry));

  @AfterEach
  void close() {
    sampler.close();
  }

  @Test
  void measuresEveryHostOfAJobInSageMakersNames() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1", "algo-2");
    runtime.useBy((_, host) -> Optional.of(usage(host.equals("algo-1") ? 0 : 1000)));
    sample(5);
    samples.clear();
    runtime.useBy((_, host) -> Optional.of(usage(host.equals("algo-1") ? 9 : 1001)));
    sample(10);
    assertThat(values("my-job/algo-1"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("CPUUtilization", 180.0, "MemoryUtilization", 25.0, "DiskUtilization", 10.0));
    assertThat(values("my-job/algo-2")).containsEntry("CPUUtilization", 20.0);
    assertThat(samples)
        .allSatisfy(sample -> {
          assertThat(sample.id().tenant()).isEqualTo(TENANT);
          assertThat(sample.id().namespace()).isEqualTo("/aws/sagemaker/TrainingJobs");
          assertThat(sample.unit()).isEqualTo("Percent");
          assertThat(sample.at()).isEqualTo(START.plusSeconds(10));
        });
  }

  @Test
  void instancesOfAVariantAreOneSeries() throws Exception {
    start(new GroupId("ep-1"), Owner.Kind.ENDPOINT, "my-endpoint", "primary");
    start(new GroupId("ep-2"), Owner.Kind.ENDPOINT, "my-endpoint", "primary");
    runtime.useBy((_, _) -> Optional.of(usage(0)));
    sample(1);
    MetricId memory =
        new MetricId(
            TENANT,
            "/aws/sagemaker/Endpoints",
            "MemoryUtilization",
            List.of(
                new Dimension("EndpointName", "my-endpoint"),
                new Dimension("VariantName", "AllTraffic")));
    assertThat(samples.stream().filter(sample -> sample.id().equals(memory))).hasSize(2);
    // No volume bounds them: a share of the file system.
    assertThat(samples.stream().filter(sample -> sample.id().name().equals("DiskUtilization")))
        .allSatisfy(sample -> assertThat(sample.value()).isEqualTo(1));
  }

  @Test
  void whoseVariantIsNotKnownYetIsAskedAgain() throws Exception {
    start(new GroupId("unknown"), Owner.Kind.ENDPOINT, "my-endpoint", "primary");
    runtime.useBy((_, _) -> Optional.of(usage(0)));
    sample(1);
    assertThat(samples).isEmpty();
  }

  @Test
  void countsTheFirstTimeFromTheBeginningOnlyWhereThatWasJustNow() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    runtime.useBy((_, _) -> Optional.of(usage(2)));
    sample(4);
    assertThat(values("my-job/algo-1")).containsEntry("CPUUtilization", 50.0);
    // As after a restart of the server.
    samples.clear();
    try (InstanceSampler restarted =
        new InstanceSampler(
            runtime,
            InstanceDimensions.sageMaker(_ -> Optional.empty(), _ -> OptionalLong.empty()),
            () -> GIGABYTE,
            (series, at, value) -> samples.add(new Sample(series.id(), series.unit(), at, value)),
            new InstanceGauges(registry))) {
      clock.set(START.plusSeconds(3600));
      restarted.sample().get();
      assertThat(values("my-job/algo-1"))
          .doesNotContainKey("CPUUtilization")
          .containsKey("MemoryUtilization");
    }
  }

  @Test
  void aCounterThatBeganAnewIsNoNegativeRate() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    runtime.useBy((_, _) -> Optional.of(usage(100)));
    sample(60);
    samples.clear();
    runtime.useBy((_, _) -> Optional.of(usage(1)));
    sample(65);
    assertThat(values("my-job/algo-1")).doesNotContainKey("CPUUtilization");
    samples.clear();
    runtime.useBy((_, _) -> Optional.of(usage(3)));
    sample(70);
    assertThat(values("my-job/algo-1")).containsEntry("CPUUtilization", 40.0);
  }

  @Test
  void sumsUpGpusAsSageMakerDoes() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    runtime.useBy((_, _) ->
        Optional.of(
            new Usage(
                clock.instant(),
                0,
                1,
                2,
                OptionalLong.empty(),
                List.of(new Usage.Gpu("GPU-0", 90, 10, 40), new Usage.Gpu("GPU-1", 70, 40, 40)))));
    sample(60);
    assertThat(values("my-job/algo-1"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "MemoryUtilization", 50.0,
                "GPUUtilization", 160.0,
                "GPUMemoryUtilization", 125.0));
  }

  @Test
  void gaugesComeWithAnInstanceAndGoWithIt() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1", "algo-2");
    runtime.useBy((_, _) -> Optional.of(usage(1)));
    sample(10);
    Gauge cpu =
        registry
            .get("mlp.instance.cpu.percent")
            .tags("name", "my-job", "host", "algo-2", "kind", "training_job")
            .gauge();
    assertThat(cpu.value()).isEqualTo(10);
    assertThat(registry.find("mlp.instance.disk.percent").gauges()).hasSize(2);
    runtime.exit(JOB, "algo-2", 0);
    sample(15);
    assertThat(registry.find("mlp.instance.cpu.percent").gauges())
        .singleElement()
        .satisfies(gauge -> assertThat(gauge.getId().getTag("host")).isEqualTo("algo-1"));
    runtime.remove(JOB);
    sample(20);
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void aSlowGroupHoldsUpNoOtherAndIsNotAskedTwice() throws Exception {
    GroupId slow = new GroupId("slow");
    start(slow, Owner.Kind.TRAINING_JOB, "slow", "algo-1");
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    runtime.useBy((group, _) -> {
      if (group.equals(slow)) {
        asked.incrementAndGet();
        try {
          answer.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return Optional.of(usage(1));
    });
    clock.set(START.plusSeconds(1));
    CompletableFuture<Void> first = sampler.sample();
    eventually(() -> values("my-job/algo-1"), values -> values.size() == 3);
    eventually(asked::get, count -> count == 1);
    sample(2);
    assertThat(asked).hasValue(1);
    assertThat(first).isNotDone();
    assertThat(values("slow/algo-1")).isEmpty();
    answer.countDown();
    first.get();
    assertThat(values("slow/algo-1")).isNotEmpty();
  }

  @Test
  void anAnswerThatComesAfterTheEndShowsNoGauges() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    runtime.useBy((_, _) -> {
      asked.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return Optional.of(usage(1));
    });
    CompletableFuture<Void> late = sampler.sample();
    asked.await();
    runtime.remove(JOB);
    sample(1);
    answer.countDown();
    late.get();
    assertThat(registry.getMeters()).isEmpty();
    assertThat(samples).isEmpty();
  }

  @Test
  void troubleOfOneGroupIsNotTheOthers() throws Exception {
    GroupId broken = new GroupId("broken");
    start(broken, Owner.Kind.TRAINING_JOB, "broken", "algo-1");
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    runtime.useBy((group, _) -> {
      if (group.equals(broken)) {
        throw new ContainerRuntimeException("no answer", true);
      }
      return Optional.of(usage(1));
    });
    sample(1);
    assertThat(values("my-job/algo-1")).hasSize(3);
    runtime.failObserve(new ContainerRuntimeException("away", true));
    samples.clear();
    sample(2);
    assertThat(samples).isEmpty();
    runtime.recover();
    runtime.useBy((_, _) -> Optional.of(usage(2)));
    sample(3);
    assertThat(values("broken/algo-1")).isNotEmpty();
    assertThat(values("my-job/algo-1")).containsEntry("CPUUtilization", 50.0);
  }

  @Test
  void asksByItself() throws Exception {
    start(JOB, Owner.Kind.TRAINING_JOB, "my-job", "algo-1");
    runtime.useBy((_, _) -> Optional.of(usage(1)));
    sampler.start(Duration.ofMillis(10));
    eventually(samples::size, size -> size >= 4);
  }

  private void start(GroupId id, Owner.Kind kind, String name, String... hosts)
      throws ContainerRuntimeException {
    runtime.runAtOnce();
    runtime.start(
        new InstanceGroupSpec(
            id,
            new Owner(TENANT, kind, name),
            Arrays.stream(hosts).map(InstanceSamplerTest::member).toList(),
            false));
  }

  private static MemberSpec member(String host) {
    return new MemberSpec(
        host,
        "image",
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(),
        "failure",
        Path.of("log"),
        OptionalInt.empty(),
        Resources.of(1024, 2));
  }

  private void sample(int second) throws Exception {
    clock.set(START.plusSeconds(second));
    sampler.sample().get();
  }

  private Usage usage(long cpuSeconds) {
    return new Usage(
        clock.instant(),
        cpuSeconds * 1_000_000_000,
        GIGABYTE / 4,
        GIGABYTE,
        OptionalLong.of(GIGABYTE),
        List.of());
  }

  private Map<String, Double> values(String host) {
    Map<String, Double> values = new TreeMap<>();
    samples.stream()
        .filter(sample -> sample.id().dimensions().contains(new Dimension("Host", host)))
        .forEach(sample -> values.put(sample.id().name(), sample.value()));
    return values;
  }
}
