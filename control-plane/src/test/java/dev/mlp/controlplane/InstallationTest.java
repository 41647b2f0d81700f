package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.container.BuiltInImages;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstallationTest {
  private final Installation installation =
      new Installation(Path.of("/home/of/mlp"), Path.of("/cache"), false);

  @Test
  void bothImagesAreFoundByNameTagAndAlias() {
    BuiltInImages images =
        installation.images(Map.of("mlp-training", List.of("*/tensorflow-training:*")));

    assertThat(images.find("mlp-training:1")).isPresent();
    assertThat(images.find("mlp-inference")).isPresent();
    assertThat(images.find("1234.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.13-cpu"))
        .hasValueSatisfying(image -> assertThat(image.name()).isEqualTo("mlp-training"));
    assertThat(images.find("python:3.12")).isEmpty();
  }

  @Test
  void anAliasOfNoBuiltInImageIsRefused() {
    assertThatThrownBy(() -> installation.images(Map.of("mlp-trainning", List.of("x"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mlp-trainning")
        .hasMessageContaining("mlp-training");
  }
}
