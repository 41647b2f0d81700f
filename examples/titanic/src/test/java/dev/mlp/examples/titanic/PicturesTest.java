package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {

  private static final int[] LABELS = {1, 0, 1, 0};

  @TempDir private Path directory;

  @Test
  void theRocCurvePassesThroughItsPoints() throws Exception {
    BufferedImage image = drawn(Pictures.roc(run(), none()));

    // (0, 0.5), (0.5, 0.5): half way up, where the second point's line runs level.
    assertThat(image.getRGB(90 + 210, 350)).isEqualTo(Plot.BLUE.getRGB());
    // The chosen threshold leads to (0.5, 1).
    assertThat(image.getRGB(90 + 420, 60)).isEqualTo(Plot.ORANGE.getRGB());
    assertThat(image.getRGB(700, 500)).isEqualTo(0xFFFFFFFF);
  }

  @Test
  void theHistogramHasABarPerLabel() throws Exception {
    BufferedImage image = drawn(Pictures.histogram(run(), LABELS, none()));

    // One row of label 0 in the bin from 0.6 to 0.65, one of label 1 in the last; the axis ends at
    // 5.
    assertThat(image.getRGB(90 + (int) (0.6125 * 840), 600)).isEqualTo(Plot.BLUE.getRGB());
    assertThat(image.getRGB(90 + (int) (0.9875 * 840), 600)).isEqualTo(Plot.ORANGE.getRGB());
    assertThat(image.getRGB(90 + (int) (0.9875 * 840), 500)).isEqualTo(0xFFFFFFFF);
  }

  @Test
  void letteringIsTheOnlyDifferenceThatFontsMake() throws Exception {
    BufferedImage bare = drawn(Pictures.roc(run(), none()));
    BufferedImage lettered = drawn(Pictures.roc(run(), Lettering.ofThisMachine()));

    assertThat(lettered.getWidth()).isEqualTo(bare.getWidth());
    assertThat(lettered.getRGB(90 + 210, 350)).isEqualTo(bare.getRGB(90 + 210, 350));
  }

  private BufferedImage drawn(Plot plot) throws Exception {
    Path file = directory.resolve("picture.png");
    plot.write(file);
    return ImageIO.read(file.toFile());
  }

  private static Lettering none() {
    return new Lettering(Optional.empty());
  }

  private static Run run() {
    float[] probabilities = {0.99f, 0.62f, 0.31f, 0.05f};
    int[] all = {0, 1, 2, 3};
    float threshold = 0.2f;
    Evaluation evaluation = Evaluation.of(probabilities, LABELS, threshold);
    Weights weights = new Weights(new float[1], new float[1], new float[1], new float[1]);
    return new Run(
        new Split(all, all, all),
        new ServingModel(List.of(), weights, threshold),
        probabilities,
        evaluation,
        evaluation);
  }
}
