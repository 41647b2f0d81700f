package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import dev.mlp.controlplane.container.docker.image.ImageBuilds.Built;
import dev.mlp.controlplane.container.docker.image.ImageBuilds.Wish;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mlp images build}. */
@Command(
    name = "build",
    description = {
      "Builds the built-in images, or those named, where they are not there or out of date.",
      "The base is eclipse-temurin:25-jdk where the engine has it or can pull it; elsewhere it is made"
          + " of this machine's own system."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  mlp images build",
      "  mlp images build mlp-training --base registry.example.com/jdk:25",
      "  mlp images build --base machine --no-cache"
    })
final class BuildCommand implements Callable<Integer> {
  @Parameters(paramLabel = "IMAGE", arity = "0..*", description = "mlp-training or mlp-inference.")
  private @Nullable List<String> images;

  @Option(
      names = "--base",
      paramLabel = "machine|IMAGE",
      description = "What to build on: an image with a JDK 25, or this machine's own system.")
  private @Nullable String base;

  @Option(names = "--no-cache", description = "Build every layer anew.")
  private boolean noCache;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec @Nullable CommandSpec spec;

  private final ImagesMain.Engines engines;
  private final PrintStream out;
  private final PrintStream err;

  BuildCommand(ImagesMain.Engines engines, PrintStream out, PrintStream err) {
    this.engines = engines;
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    try (DockerClient client = engines.open()) {
      ImageBuilds builds = engines.builds(client);
      Wish wish =
          new Wish(
              base == null ? new BaseChoice.Automatic() : BaseChoice.parse(base), noCache, noCache);
      for (ImageRecipe recipe : chosen(builds.recipes())) {
        String tag = builds.tag(recipe);
        long started = System.nanoTime();
        Built built;
        try (ProgressLine progress = new ProgressLine(err, ProgressLine.isTerminal(2))) {
          built = builds.build(recipe, tag, wish, progress);
        }
        // What all of them stand on is built anew once.
        wish = new Wish(wish.base(), noCache, false);
        out.println(line(built, built.wasThere(), System.nanoTime() - started));
      }
      return 0;
    }
  }

  private static String line(Built built, boolean wasThere, long nanos) {
    return String.format(
        Locale.ROOT,
        "%s  %s = base %s + TensorFlow %s + program %s  %s",
        built.tag(),
        Sizes.bytes(built.bytes()),
        Sizes.bytes(built.baseBytes()),
        Sizes.bytes(built.sharedBytes() - built.baseBytes()),
        Sizes.bytes(built.bytes() - built.sharedBytes()),
        wasThere
            ? "is current"
            : String.format(
                Locale.ROOT, "built on %s in %.1f s", built.base(), nanos / 1_000_000_000.0));
  }

  private List<ImageRecipe> chosen(List<ImageRecipe> recipes) {
    List<String> wanted = images == null ? List.of() : images;
    List<String> known = recipes.stream().map(ImageRecipe::name).toList();
    wanted.stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw new ParameterException(
              Objects.requireNonNull(spec).commandLine(),
              "there is no built-in image '" + name + "', only " + String.join(" and ", known));
        });
    return recipes.stream()
        .filter(recipe -> wanted.isEmpty() || wanted.contains(recipe.name()))
        .toList();
  }
}
