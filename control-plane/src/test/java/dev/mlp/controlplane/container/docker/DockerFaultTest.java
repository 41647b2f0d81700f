package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What others do to instances, and what is left of them. */
final class DockerFaultTest extends DockerTest {

  @Test
  void oneThatWasRemovedByHandIsLost() throws Exception {
    InstanceGroupSpec spec = start(member("removed", "test-image").script("echo up; sleep 100"));
    awaitLog(spec, "up");
    engine.docker(docker -> {
      docker.removeContainerCmd(container(spec)).withForce(true).exec();
      return true;
    });
    assertThat(end(spec).phase()).isEqualTo(new Phase.Lost(Endings.REMOVED));
  }

  @Test
  void oneThatWasKilledByHandIsLost() throws Exception {
    InstanceGroupSpec spec = start(member("killed", "test-image").script("echo up; sleep 100"));
    awaitLog(spec, "up");
    engine.docker(docker -> {
      docker.killContainerCmd(container(spec)).exec();
      return true;
    });
    assertThat(end(spec).phase())
        .isEqualTo(
            new Phase.Lost(
                "The container was stopped from outside while it ran (Exit Code: 137)."));
  }

  @Test
  void onePausedByHandGoesOnAndCanBeStopped() throws Exception {
    InstanceGroupSpec spec = start(member("paused", "test-image").script("echo up; sleep 100"));
    awaitLog(spec, "up");
    engine.docker(docker -> {
      docker.pauseContainerCmd(container(spec)).exec();
      return true;
    });
    assertThat(observe(spec).phase()).isEqualTo(new Phase.Running());
    runtime.stop(spec.id(), LONG);
    assertThat(exit(spec).code()).isEqualTo(143);
  }

  @Test
  void aContainerThatWasMadeAndNotStartedIsStarted() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    store.holdReads("s3://bucket/train/a.csv");
    InstanceGroupSpec spec =
        start(
            member("again", "test-image")
                .inputs(input("s3://bucket/train", "input/data/train"))
                .script("cat /opt/ml/input/data/train/a.csv"));
    eventually(() -> observe(spec), seen -> seen.phase() instanceof Phase.Staging);
    runtime.close();
    // As a crash between creating and marking it leaves it.
    engine.docker(docker ->
        docker
            .createContainerCmd(TestEngine.IMAGE)
            .withName(container(spec))
            .withCmd("sh", "-c", "echo wrong")
            .withLabels(Map.of(Labels.SERVER, engine.server()))
            .exec());
    runtime = engine.runtime(root(), engine.settings(), store);
    store.release("s3://bucket/train/a.csv");
    assertThat(exit(spec).code()).isZero();
    assertThat(log(spec)).isEqualTo("1\n");
  }

  @Test
  void removalLeavesNeitherContainerNorNetworkNorVolume() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    MemberSpec first =
        member("gone", "test-image")
            .inputs(input("s3://bucket/train", "input/data/train"))
            .script("echo up; sleep 100")
            .build("algo-1");
    MemberSpec second = member("gone", "test-image").script("sleep 100").build("algo-2");
    InstanceGroupSpec spec = start("gone", false, first, second);
    awaitLog(spec, "up");
    assertThat(thingsOf(spec)).isNotEmpty();
    runtime.remove(spec.id());
    assertThat(thingsOf(spec)).isEmpty();
  }

  @Test
  void theSweepRemovesWhatNobodyKnows() throws Exception {
    store.put("s3://bucket/train/a.csv", "1");
    MemberSpec first =
        member("orphan", "test-image")
            .inputs(input("s3://bucket/train", "input/data/train"))
            .script("echo up; sleep 100")
            .build("algo-1");
    MemberSpec second = member("orphan", "test-image").script("sleep 100").build("algo-2");
    InstanceGroupSpec orphan = start("orphan", false, first, second);
    awaitLog(orphan, "up");
    LocalRuntime other = engine.runtime(folder.resolve("other"), engine.settings(), store);
    try (other) {
      eventually(
          () -> {
            other.sweep();
            return thingsOf(orphan);
          },
          Set::isEmpty);
    }
    awaitEnd(orphan);
  }
}
