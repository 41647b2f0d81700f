package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RuntimesTest {
  private static final String NOT_OURS = "203.0.113.7";

  @Test
  void aHostThatIsANameIsNothingToListenOn() {
    assertThat(Runtimes.listenable("host.docker.internal", List.of())).isEmpty();
  }

  @Test
  void theAddressOfNewInstancesIsListenedOnWhateverItIs() {
    assertThat(Runtimes.listenable(NOT_OURS, List.of())).containsExactly(NOT_OURS);
  }

  @Test
  void theAddressesOfOlderInstancesAreListenedOnWhereTheMachineHasThem() {
    assertThat(Runtimes.listenable("127.0.0.1", List.of(NOT_OURS, "a.name")))
        .containsExactly("127.0.0.1");
    assertThat(Runtimes.listenable("172.18.0.1", List.of("127.0.0.1")))
        .containsExactly("172.18.0.1", "127.0.0.1");
  }
}
