package dev.mlp.controlplane.container;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

final class FakeContainerRuntimeContractTest extends ContainerRuntimeContractTest {
  private final Map<String, Program> programs = new ConcurrentHashMap<>();
  private @Nullable SimulatedMachine machine;

  @Override
  ContainerRuntime open(Path root) {
    FakeContainerRuntime fake = new FakeContainerRuntime(Clock.systemUTC());
    fake.refuseImage("no-such-image", "no-such-image is not available");
    machine =
        new SimulatedMachine(
            root,
            store,
            fake,
            spec -> Objects.requireNonNull(programs.get(spec.arguments().getFirst())));
    return fake;
  }

  @Override
  ContainerRuntime reopen(ContainerRuntime runtime) {
    FakeContainerRuntime restarted = ((FakeContainerRuntime) runtime).restarted();
    Objects.requireNonNull(machine).report(restarted);
    runtime.close();
    return restarted;
  }

  @Override
  List<String> arguments(Program program) {
    String key = "program-" + programs.size();
    programs.put(key, program);
    return List.of(key);
  }
}
