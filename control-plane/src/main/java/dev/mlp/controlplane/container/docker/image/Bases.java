package dev.mlp.controlplane.container.docker.image;

import dev.mlp.controlplane.container.docker.image.ImageEngine.Order;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds or makes the image that ours are made on top of. */
final class Bases {
  static final String MACHINE = "mlp-machine";

  private static final String DEFAULT = "eclipse-temurin:25-jdk";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String DOCKERFILE =
      """
      FROM scratch
      LABEL %s=machine
      COPY %s/ /
      ENV JAVA_HOME=%s \\
          PATH=%s/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      CMD ["bash"]
      """
          .formatted(
              ImageEngine.STAGE_LABEL,
              MachineSystem.ROOT,
              MachineSystem.JAVA_HOME,
              MachineSystem.JAVA_HOME);

  /**
   * A base that the engine has.
   *
   * @param name {@code machine}, or the image's name
   * @param image what to build on
   */
  record Base(String name, String image) {
    private static final String MACHINE_NAME = "machine";

    /** Then it has all that there is to have, and needs no package from the network. */
    boolean isMachine() {
      return name.equals(MACHINE_NAME);
    }
  }

  private final ImageEngine engine;
  private final Path root;
  private final Path java;

  /**
   * @param root this machine's {@code /}
   * @param java the folder of the JDK that goes into a base of this machine
   */
  Bases(ImageEngine engine, Path root, Path java) {
    this.engine = engine;
    this.root = root;
    this.java = java;
  }

  Base provide(BaseChoice choice, boolean noCache, Consumer<String> progress)
      throws IOException, InterruptedException {
    return switch (choice) {
      case BaseChoice.Machine() -> machine(noCache, progress);
      case BaseChoice.Named(String image) -> {
        Optional<String> why = pulled(image, progress);
        if (why.isPresent()) {
          throw new IOException("the base " + image + " cannot be had: " + why.get());
        }
        yield new Base(image, image);
      }
      case BaseChoice.Automatic() -> {
        Optional<String> why = pulled(DEFAULT, progress);
        if (why.isEmpty()) {
          yield new Base(DEFAULT, DEFAULT);
        }
        progress.accept(
            DEFAULT
                + " cannot be had ("
                + why.get()
                + "): the base is made of this machine's system");
        yield machine(noCache, progress);
      }
    };
  }

  private Optional<String> pulled(String image, Consumer<String> progress)
      throws InterruptedException {
    return engine.find(image).isPresent()
        ? Optional.empty()
        : engine.pull(image.contains(":") ? image : image + ":latest", PATIENCE, progress);
  }

  private Base machine(boolean noCache, Consumer<String> progress)
      throws IOException, InterruptedException {
    MachineSystem system = MachineSystem.of(root, java);
    if (!system.hasPython()) {
      progress.accept("this machine has no python3 package: the images will run no Python");
    }
    String image = MACHINE + ":" + system.identity();
    if (noCache || engine.find(image).isEmpty()) {
      var _ =
          engine.build(
              new Order(
                  "the base, this machine's system",
                  image,
                  out -> system.write(DOCKERFILE, out),
                  Map.of(),
                  Map.of(ImageEngine.IMAGE_LABEL, MACHINE),
                  false,
                  noCache),
              progress);
    }
    return new Base(Base.MACHINE_NAME, image);
  }
}
