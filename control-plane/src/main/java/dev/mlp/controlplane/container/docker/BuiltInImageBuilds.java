package dev.mlp.controlplane.container.docker;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** The images that this installation brings, built on the engine when they are first needed. */
public interface BuiltInImageBuilds {
  /** None: every image is one of the user's own. */
  BuiltInImageBuilds NONE =
      new BuiltInImageBuilds() {
        @Override
        public Optional<String> tagOf(String image) {
          return Optional.empty();
        }

        @Override
        public void build(String tag, Consumer<String> progress) throws IOException {
          throw new IOException("There is no built-in image \"" + tag + "\".");
        }
      };

  /**
   * The engine's tag of the built-in image that answers to a name, alias or not; empty for any
   * other image. A tag names its content: it changes with what the image is made of.
   */
  Optional<String> tagOf(String image);

  /**
   * Builds the image; called when the engine has none of this tag. Blocks until it is there; safe
   * for any number of threads, and two builds of one tag at once make one image.
   *
   * @param tag as {@link #tagOf} gave it
   * @param progress told in words, often
   * @throws IOException naming the image and the step that failed
   */
  void build(String tag, Consumer<String> progress) throws IOException, InterruptedException;
}
