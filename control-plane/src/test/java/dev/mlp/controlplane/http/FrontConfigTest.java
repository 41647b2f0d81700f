package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontConfigTest {
  @ParameterizedTest
  @CsvSource({
    // --host, where instances see it, listens on, taken for an instance there
    "127.0.0.1, 127.0.0.1, 127.0.0.1, false",
    "localhost, 127.0.0.1, localhost, false",
    "127.0.0.1, 172.18.0.1, '127.0.0.1 172.18.0.1', true",
    "10.0.0.5, 127.0.0.1, '10.0.0.5 127.0.0.1', true",
    "172.18.0.1, 172.18.0.1, 172.18.0.1, false",
    "0.0.0.0, 172.18.0.1, 0.0.0.0, true",
    "::, 172.18.0.1, ::, true",
    "0.0.0.0, 127.0.0.1, 0.0.0.0, false"
  })
  void listensWhereInstancesSeeItToo(
      String host, String instanceHost, String addresses, boolean forInstances) {
    FrontConfig config = FrontConfig.of(host, 0).withInstanceHost(instanceHost);
    assertThat(config.addresses()).containsExactly(addresses.split(" "));
    assertThat(config.isForInstances(instanceHost)).isEqualTo(forInstances);
    assertThat(config.isForInstances("192.0.2.77")).isFalse();
    assertThat(config.withInstanceHost(instanceHost)).isEqualTo(config);
  }

  @Test
  void anInstanceHostIsAnAddress() {
    assertThatThrownBy(() -> FrontConfig.of("127.0.0.1", 0).withInstanceHost("bridge.example"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
