package dev.mlp.controlplane.container.docker.image;

/** What images are made on top of. */
sealed interface BaseChoice {
  /** The default base where the engine has it or can pull it, else this machine's own system. */
  record Automatic() implements BaseChoice {}

  /** This machine's own system. */
  record Machine() implements BaseChoice {}

  /** An image with a JDK 25. */
  record Named(String image) implements BaseChoice {}

  /** {@code machine}, or an image's name. */
  static BaseChoice parse(String text) {
    return text.equals("machine") ? new Machine() : new Named(text);
  }
}
