package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.docker.BuiltInImageBuilds;
import dev.mlp.controlplane.container.docker.image.Bases.Base;
import dev.mlp.controlplane.container.docker.image.ImageEngine.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Builds the images of this installation: the base, then the stages that they share, then each
 * one's own. One build at a time on this machine, whoever asks; what is there is not built again.
 */
public final class ImageBuilds implements BuiltInImageBuilds {
  static final String BASE_LABEL = "dev.mlp.base";
  static final String SHARED_LABEL = "dev.mlp.shared";

  private final ImageEngine engine;
  private final Bases bases;
  private final BuiltInImages names;
  private final List<ImageRecipe> recipes;
  private final Path lock;
  private final FileHashes hashes = new FileHashes();

  /**
   * @param client without a limit on the time of an answer: builds are silent for minutes
   * @param names by which the images go
   * @param home the installation's folder
   * @param cacheDirectory where the lock file lies that builds of this user wait for
   * @throws IOException if the installation has no Dockerfiles
   */
  public ImageBuilds(DockerClient client, BuiltInImages names, Path home, Path cacheDirectory)
      throws IOException {
    this(
        new ImageEngine(client),
        names,
        List.of(
            ImageRecipe.read("mlp-training", home, "training-container", version()),
            ImageRecipe.read("mlp-inference", home, "inference-container", version())),
        cacheDirectory.resolve("images.lock"),
        Path.of("/"),
        Path.of(System.getProperty("java.home")));
  }

  ImageBuilds(
      ImageEngine engine,
      BuiltInImages names,
      List<ImageRecipe> recipes,
      Path lock,
      Path root,
      Path java) {
    this.engine = engine;
    this.bases = new Bases(engine, root, java);
    this.names = names;
    this.recipes = List.copyOf(recipes);
    this.lock = lock;
  }

  /**
   * How an image was asked for.
   *
   * @param isNew nothing from before is used for the image's own layers
   * @param isSharedNew nor for the layers below
   */
  record Wish(BaseChoice base, boolean isNew, boolean isSharedNew) {
    static final Wish USUAL = new Wish(new BaseChoice.Automatic(), false, false);
  }

  /**
   * A finished image.
   *
   * @param base {@code machine}, or the name of the image that it stands on
   * @param baseBytes of its size, those of the base
   * @param sharedBytes those of the base and the layers that it shares with the others
   * @param wasThere nothing was to be done
   */
  record Built(
      String tag, String base, long bytes, long sharedBytes, long baseBytes, boolean wasThere) {}

  /** What Maven wrote into the jar: the server and the command find the same. */
  private static String version() {
    String version = ImageBuilds.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }

  @Override
  public Optional<String> tagOf(String image) {
    return names
        .find(image)
        .flatMap(found ->
            recipes.stream()
                .filter(recipe -> recipe.name().equals(found.name()))
                .findFirst()
                .map(this::tag));
  }

  @Override
  public void build(String tag, Consumer<String> progress)
      throws IOException, InterruptedException {
    ImageRecipe recipe =
        recipes.stream()
            .filter(one -> tag.startsWith(one.name() + ":"))
            .findFirst()
            .orElseThrow(() -> new IOException("There is no built-in image \"" + tag + "\"."));
    var _ = build(recipe, tag, Wish.USUAL, progress);
  }

  List<ImageRecipe> recipes() {
    return recipes;
  }

  ImageEngine engine() {
    return engine;
  }

  String tag(ImageRecipe recipe) {
    try {
      return recipe.tag(hashes);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  String sharedTag() throws IOException {
    return recipes.getFirst().sharedTag(hashes);
  }

  /** Builds one, unless it is there as wished. */
  Built build(ImageRecipe recipe, String tag, Wish wish, Consumer<String> progress)
      throws IOException, InterruptedException {
    try (BuildLock _ = BuildLock.take(lock, progress)) {
      Optional<InspectImageResponse> there = engine.find(tag);
      boolean isRight = there.isPresent() && !wish.isNew() && isOn(there.get(), wish.base());
      if (!isRight) {
        engine.sweep(Set.of(), Duration.ZERO);
        String shared = shared(recipe, wish, progress);
        InspectImageResponse parent = engine.find(shared).orElseThrow();
        BuildContext context = recipe.ownContext();
        String dockerfile = recipe.dockerfile().ownOn(Objects.requireNonNull(parent.getId()));
        String base = label(parent, BASE_LABEL);
        var _ =
            engine.build(
                new Order(
                    recipe.name(),
                    tag,
                    out -> context.write(dockerfile, out),
                    Map.of(),
                    Map.of(
                        ImageEngine.IMAGE_LABEL,
                        recipe.name(),
                        BASE_LABEL,
                        base,
                        SHARED_LABEL,
                        shared),
                    false,
                    wish.isNew()),
                progress);
      }
      return describe(tag, engine.find(tag).orElseThrow(), isRight);
    }
  }

  /** The tag of the image that all stand on, made if it is not there on the wished base. */
  private String shared(ImageRecipe recipe, Wish wish, Consumer<String> progress)
      throws IOException, InterruptedException {
    String tag = recipe.sharedTag(hashes);
    Optional<InspectImageResponse> there = engine.find(tag);
    if (there.isPresent() && !wish.isSharedNew() && isOn(there.get(), wish.base())) {
      return tag;
    }
    Base base = bases.provide(wish.base(), wish.isSharedNew(), progress);
    BuildContext context = recipe.sharedContext();
    var _ =
        engine.build(
            new Order(
                "system and TensorFlow",
                tag,
                out -> context.write(recipe.dockerfile().shared(), out),
                Map.of("BASE_IMAGE", base.image()),
                Map.of(
                    ImageEngine.IMAGE_LABEL,
                    ImageRecipe.SHARED,
                    BASE_LABEL,
                    base.name(),
                    SHARED_LABEL,
                    base.image()),
                !base.isMachine(),
                wish.isSharedNew()),
            progress);
    return tag;
  }

  private Built describe(String tag, InspectImageResponse image, boolean wasThere) {
    Optional<InspectImageResponse> shared = engine.find(label(image, SHARED_LABEL));
    Optional<InspectImageResponse> base =
        shared.flatMap(one -> engine.find(label(one, SHARED_LABEL)));
    return new Built(
        tag,
        label(image, BASE_LABEL),
        size(Optional.of(image)),
        size(shared),
        size(base),
        wasThere);
  }

  private static long size(Optional<InspectImageResponse> image) {
    return image.map(InspectImageResponse::getSize).orElse(0L);
  }

  /** Without a wish, whatever an image stands on is right. */
  private static boolean isOn(InspectImageResponse image, BaseChoice choice) {
    return switch (choice) {
      case BaseChoice.Automatic() -> true;
      case BaseChoice.Machine() -> label(image, BASE_LABEL).equals("machine");
      case BaseChoice.Named(String name) -> label(image, BASE_LABEL).equals(name);
    };
  }

  private static String label(InspectImageResponse image, String name) {
    Map<String, String> labels = image.getConfig() == null ? null : image.getConfig().getLabels();
    return labels == null ? "" : labels.getOrDefault(name, "");
  }
}
