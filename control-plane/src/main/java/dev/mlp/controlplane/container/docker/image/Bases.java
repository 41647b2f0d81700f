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
  private static final String PATH =
      MachineSystem.JAVA_HOME + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * A base that the engine has.
   *
   * @param name {@code machine}, or the image's name
   * @param image what to build on
   */
  record Base(String name, String image) {}

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
    String tag = system.identity();
    String image = MACHINE + ":" + tag;
    if (noCache || engine.find(image).isEmpty()) {
      // An import has no configuration: what a base brings is written on top, which adds no layer.
      String files = tag + "-files";
      String id =
          engine.load(
              MACHINE,
              files,
              system::write,
              bytes -> progress.accept("copying this machine's system: " + Sizes.bytes(bytes)));
      String dockerfile =
          "FROM %s\nENV JAVA_HOME=%s PATH=%s\nCMD [\"bash\"]\n"
              .formatted(id, MachineSystem.JAVA_HOME, PATH);
      try {
        engine.build(
            new Order(
                "the base",
                image,
                out -> new ImageArchive(out).closeWith("Dockerfile", dockerfile),
                Map.of(),
                Map.of(ImageEngine.IMAGE_LABEL, MACHINE, ImageEngine.STAGE_LABEL, "machine"),
                noCache),
            progress);
      } finally {
        engine.remove(MACHINE + ":" + files);
      }
    }
    return new Base("machine", image);
  }
}
