package dev.mlp.controlplane.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BuiltInImagesTest {
  private final BuiltInImages images =
      new BuiltInImages(
          List.of(
              new BuiltInImage(
                  "mlp-training", List.of("*/tensorflow-training:*"), List.of("t"), Map.of()),
              new BuiltInImage(
                  "mlp-inference",
                  List.of("*/tensorflow-inference:2.?*"),
                  List.of("i"),
                  Map.of())));

  @ParameterizedTest
  @CsvSource({
    "mlp-training, mlp-training",
    "mlp-training:0.1, mlp-training",
    "763104351884.dkr.ecr.us-west-2.amazonaws.com/tensorflow-training:2.12-cpu, mlp-training",
    "763104351884.dkr.ecr.us-west-2.amazonaws.com/tensorflow-inference:2.12-cpu, mlp-inference",
  })
  void findsAnImageByItsNameAndItsAliases(String image, String name) {
    assertThat(images.find(image)).map(BuiltInImage::name).contains(name);
  }

  @ParameterizedTest
  @CsvSource({
    "mlp-training-2",
    "xmlp-training",
    "tensorflow-training:2",
    "r/tensorflow-inference:3.1",
    "r/tensorflow-inference:2.",
  })
  void findsNoOther(String image) {
    assertThat(images.find(image)).isEmpty();
  }

  @Test
  void anImageHasACommand() {
    assertThatThrownBy(() -> new BuiltInImage("empty", List.of(), List.of(), Map.of()))
        .hasMessageContaining("empty");
  }
}
