package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageReferenceTest {
  @ParameterizedTest
  @CsvSource({
    "ubuntu, docker.io, ubuntu:latest",
    "team/train, docker.io, team/train:latest",
    "team/train:1, docker.io, team/train:1",
    "localhost/a, localhost, localhost/a:latest",
    "localhost:5000/a, localhost:5000, localhost:5000/a:latest",
    "registry.example.com:5000/a/b:x, registry.example.com:5000, registry.example.com:5000/a/b:x",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/x,"
        + " 123456789012.dkr.ecr.us-east-1.amazonaws.com,"
        + " 123456789012.dkr.ecr.us-east-1.amazonaws.com/x:latest",
    "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, docker.io,"
        + " a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  })
  void tellsTheRegistryAndAsksForOneTag(String image, String registry, String pullable) {
    assertThat(ImageReference.isWellFormed(image)).isTrue();
    assertThat(ImageReference.parse(image)).isEqualTo(new ImageReference(registry, pullable));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Ubuntu",
        "a b",
        "a:",
        "/a",
        "a/",
        "a//b",
        "a:b:c",
        "-a",
        "a@sha256:12",
        "http://registry/a",
        "a;rm -rf",
        "a\n"
      })
  void refusesWhatNoRegistryCanHave(String image) {
    assertThat(ImageReference.isWellFormed(image)).isFalse();
  }

  @Test
  void answersQuicklyWhateverItIsAsked() {
    String image = "a" + "-a".repeat(200) + "_".repeat(90) + "!";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5), () -> assertThat(ImageReference.isWellFormed(image)).isFalse());
  }
}
