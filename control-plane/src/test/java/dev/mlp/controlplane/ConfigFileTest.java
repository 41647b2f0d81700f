package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir Path folder;

  @Test
  void anAbsentOrEmptyFileSetsNothing() throws IOException {
    assertThat(ConfigFile.read(folder.resolve("none.yaml")).port()).isNull();
    assertThat(read("").host()).isNull();
  }

  @Test
  void readsEveryKey() throws IOException {
    ConfigFile file =
        read(
            """
            host: 0.0.0.0
            port: 9000
            runtime: process
            region: eu-west-1
            memory-mebibytes: 4096
            image-aliases:
              mlp-training: ["*/tensorflow-training:*"]
            object-store:
              endpoint: http://127.0.0.1:9000
              access-key-id: id
              secret-access-key: hidden
            """);

    assertThat(file.host()).isEqualTo("0.0.0.0");
    assertThat(file.port()).isEqualTo(9000);
    assertThat(file.runtime()).isEqualTo(Config.RuntimeChoice.PROCESS);
    assertThat(file.region()).isEqualTo("eu-west-1");
    assertThat(file.memoryMebibytes()).isEqualTo(4096);
    assertThat(file.imageAliases())
        .isEqualTo(Map.of("mlp-training", List.of("*/tensorflow-training:*")));
    assertThat(Objects.requireNonNull(file.objectStore()).accessKeyId()).isEqualTo("id");
  }

  @Test
  void anUnknownKeyIsRefusedWithTheOneThatWasMeant() {
    assertThatThrownBy(() -> read("prot: 9000\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown key 'prot'")
        .hasMessageContaining("did you mean 'port'?");
  }

  @Test
  void anUnknownKeyLikeNoOtherIsRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> read("kubernetes-namespace: x\n"))
        .hasMessageContaining("unknown key 'kubernetes-namespace'")
        .hasMessageContaining("memory-mebibytes");
  }

  @Test
  void aValueOfTheWrongKindIsNamed() {
    assertRefused("port: many\n", "port: 'many' must be a whole number");
    assertRefused("memory-mebibytes: lots\n", "memory-mebibytes: 'lots' must be a whole number");
    assertRefused("port: [1]\n", "port: the value must be a whole number");
    assertRefused("runtime: vm\n", "runtime: 'vm' must be one of auto, process, docker");
    assertRefused("cpu: some\n", "cpu: 'some' must be one of shared, strict");
    assertRefused(
        "docker: {registries: {r.example.org: {username: u}}}\n",
        "docker.registries.r.example.org.password: this key is missing");
    assertRefused(
        "image-aliases: {mlp-training: {}}\n",
        "image-aliases.mlp-training: the value must be a list");
    assertRefused("object-store: [1]\n", "object-store: the value must be keys with values");
  }

  @Test
  void aKeyThatIsMissingIsNamed() {
    assertRefused(
        "object-store: {endpoint: 'http://127.0.0.1', access-key-id: id}\n",
        "object-store.secret-access-key: this key is missing");
  }

  private void assertRefused(String text, String problem) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(folder.resolve("mlp.yaml") + ": " + problem);
  }

  @Test
  void brokenYamlIsSaidToBeNone() {
    assertThatThrownBy(() -> read("host: [unclosed\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mlp.yaml");
  }

  private ConfigFile read(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("mlp.yaml"), text));
  }
}
