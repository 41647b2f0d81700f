package dev.mlp.controlplane.container.docker.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How one built-in image is made: its Dockerfile, and the names of what it becomes.
 *
 * @param name the image, such as {@code mlp-training}
 * @param home the folder that the Dockerfile's paths start from
 * @param version of this installation
 */
record ImageRecipe(String name, Path home, Dockerfile dockerfile, String version) {
  /** The image that the stages shared by all of them become. */
  static final String SHARED = "mlp-tensorflow";

  /**
   * @param folder where the Dockerfile lies in {@code home}
   */
  static ImageRecipe read(String name, Path home, String folder, String version)
      throws IOException {
    String text = Files.readString(home.resolve(folder).resolve("Dockerfile"));
    return new ImageRecipe(name, home, Dockerfile.parse(text), version);
  }

  BuildContext sharedContext() throws IOException {
    return BuildContext.of(home, dockerfile.shared());
  }

  BuildContext ownContext() throws IOException {
    return BuildContext.of(home, dockerfile.own());
  }

  String sharedTag(FileHashes hashes) throws IOException {
    return SHARED + ":" + sharedContext().hash(dockerfile.shared(), hashes);
  }

  /** Changes with anything that the image is made of, but for its base. */
  String tag(FileHashes hashes) throws IOException {
    String all = Dockerfile.instructions(dockerfile.own()) + "\n# on " + sharedTag(hashes);
    return name + ":" + version + "-" + ownContext().hash(all, hashes);
  }
}
