package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.Phase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class DockerEngineTest extends DockerTest {

  @Test
  void refusesWhatIsNoImageName() {
    assertThatThrownBy(() -> runtime.checkImage("No Such"))
        .isInstanceOfSatisfying(
            ContainerRuntimeException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContaining("No Such");
  }

  @Test
  void anImageThatMayBePulledIsRefusedOnlyWhenItCannotBe() throws Exception {
    reopen(engine.settings().withPull(DockerSettings.Pull.MISSING));
    runtime.checkImage("localhost:1/nobody/nothing:1");
    InstanceGroupSpec spec =
        start(member("unpullable", "no-such-host.invalid/nothing:1").script("exit 0"));
    assertThat(end(spec).phase())
        .isInstanceOfSatisfying(
            Phase.Broken.class,
            broken -> {
              assertThat(broken.step()).isEqualTo(Phase.Step.STAGING);
              assertThat(broken.reason()).contains("no-such-host.invalid/nothing:1", "no registry");
            });
  }

  @Test
  void saysWhyNoEngineAnswers() {
    Path nobody = folder.resolve("nobody.sock");
    assertThat(DockerEngine.probe(engine.settings().withHost("unix://" + nobody)))
        .isInstanceOfSatisfying(
            EngineProbe.Silent.class,
            silent -> assertThat(silent.reason()).contains("nobody.sock"));
    assertThat(DockerEngine.probe(engine.settings().withHost("tcp//10.0.0.5")))
        .isInstanceOfSatisfying(
            EngineProbe.Silent.class,
            silent -> assertThat(silent.reason()).contains("'tcp//10.0.0.5' must be one like"));
    assertThat(DockerEngine.probe(engine.settings())).isInstanceOf(EngineProbe.Answers.class);
  }

  @Test
  void whatRunsIsAdoptedThoughTheEngineIsAway() throws Exception {
    InstanceGroupSpec spec = serving("away", false);
    String address = observe(spec).address().orElseThrow();
    String host = runtime.platformHost();
    Path nobody = folder.resolve("nobody.sock");
    reopen(engine.settings().withHost("unix://" + nobody));
    assertThat(observe(spec).phase()).isEqualTo(new Phase.Running());
    assertThat(observe(spec).address()).contains(address);
    assertThat(runtime.platformHost()).isEqualTo(host);
    reopen(engine.settings());
    runtime.stop(spec.id(), LONG);
    assertThat(exit(spec).code()).isEqualTo(143);
  }
}
