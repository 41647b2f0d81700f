package dev.mlp.controlplane.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.InstanceName;
import dev.mlp.controlplane.access.RecordedCredentials;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.CapacityStore;
import dev.mlp.controlplane.capacity.Machine;
import dev.mlp.controlplane.capacity.MachineCapacity;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.FakeContainerRuntime;
import dev.mlp.controlplane.database.Database;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstanceStarterTest {
  private static final Area MODEL = Area.object("bucket", "model.tar.gz");
  private static final Instance INSTANCE =
      Samples.instance(1, new InstanceState.Waiting(Samples.NOW, ""));

  private static final Machine MACHINE = new Machine(64 * 1024, 8, List.of());

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final FakeContainerRuntime runtime = new FakeContainerRuntime(Clock.systemUTC());
  private final RecordedCredentials credentials = new RecordedCredentials();
  private final InstanceStarter starter =
      new InstanceStarter(
          runtime,
          new MachineCapacity(new CapacityStore(database.jdbi()), MACHINE),
          Samples.sizing(MACHINE),
          new MemoryLogs(),
          credentials);

  @AfterEach
  void close() {
    database.close();
  }

  private Map<String, String> start(
      Optional<S3Address> model, Map<String, String> environment, boolean isolated)
      throws ContainerRuntimeException {
    VariantSpec spec = Samples.SPEC;
    VariantSpec wanted =
        new VariantSpec(
            spec.name(),
            spec.modelName(),
            spec.image(),
            model,
            environment,
            isolated,
            spec.instanceType(),
            spec.instances(),
            spec.volumeBytes(),
            spec.downloadTimeout(),
            spec.startupTimeout());
    assertThat(starter.start(Samples.KEY, INSTANCE, wanted, Samples.NOW)).isEmpty();
    return runtime.spec(INSTANCE.group()).members().getFirst().environment();
  }

  private StoreScope scope() {
    return Objects.requireNonNull(
        credentials.held.get(
            new InstanceName(
                Samples.KEY.tenant(), INSTANCE.group().value(), InstanceStarter.HOST)));
  }

  @Test
  void readsItsModelAndTheCodeThatItFetchesByItself() throws Exception {
    Map<String, String> environment =
        start(
            Samples.SPEC.modelData(),
            Map.of(
                "SAGEMAKER_SUBMIT_DIRECTORY", "s3://code/some/sourcedir.tar.gz",
                "AWS_REGION", "theirs"),
            false);
    assertThat(scope())
        .isEqualTo(
            new StoreScope(
                List.of(MODEL, Area.prefix("code", "some/sourcedir.tar.gz")), List.of()));
    assertThat(environment)
        .containsEntry("AWS_ACCESS_KEY_ID", "AKIA-" + INSTANCE.group() + "-primary")
        .containsEntry("AWS_REGION", "theirs");
  }

  @Test
  void codeInTheImageIsNoneOfTheStores() throws Exception {
    for (String code : List.of("/opt/ml/model/code", "s3://", "file:///x")) {
      start(Samples.SPEC.modelData(), Map.of("SAGEMAKER_SUBMIT_DIRECTORY", code), false);
      assertThat(scope()).as(code).isEqualTo(new StoreScope(List.of(MODEL), List.of()));
    }
  }

  @Test
  void withoutAModelItReadsNothing() throws Exception {
    start(Optional.empty(), Map.of(), false);
    assertThat(scope()).isEqualTo(StoreScope.NOTHING);
  }

  @Test
  void withoutANetworkItGetsNoKey() throws Exception {
    assertThat(start(Samples.SPEC.modelData(), Map.of(), true))
        .containsEntry("AWS_REGION", Samples.KEY.tenant().region())
        .doesNotContainKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL");
    assertThat(credentials.held).isEmpty();
  }
}
