package dev.mlp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * {@code mlp images}: the launcher starts the program that does it, from the server's own class
 * path. This is for help and completion, and for whoever runs this program without the launcher.
 */
@CommandLine.Command(
    name = "images",
    description = "Builds, lists and removes the built-in images on this machine's Docker engine.",
    footer = {"", "Examples:", "  mlp images build", "  mlp images list"})
final class ImagesCommand extends GroupCommand {
  private ImagesCommand() {}

  static CommandLine line(Context context) {
    return new CommandLine(new ImagesCommand())
        .addSubcommand("build", new Build(context))
        .addSubcommand("list", new ListImages(context))
        .addSubcommand("remove", new Remove(context));
  }

  /** Hands the words to the launcher as they were given. */
  abstract static class Launched implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    boolean help;

    private final Context context;

    Launched(Context context) {
      this.context = context;
    }

    @Override
    public final Integer call() {
      ParseResult given = Objects.requireNonNull(spec).root().commandLine().getParseResult();
      List<String> command = new ArrayList<>(List.of(context.home().resolve("mlp").toString()));
      command.addAll(given.originalArgs());
      try {
        Process program = new ProcessBuilder(command).inheritIO().start();
        try (Interrupt _ =
            Interrupt.runs(() -> {
              program.destroy();
              program.onExit().join();
            })) {
          return program.waitFor();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailure("interrupted", e);
      }
    }
  }

  @CommandLine.Command(
      name = "build",
      description = "Builds the built-in images where they are not there or out of date.",
      footer = {"", "Example:", "  mlp images build --base machine"})
  static final class Build extends Launched {
    @Parameters(paramLabel = "IMAGE", arity = "0..*", description = "mlp-training, mlp-inference.")
    @Nullable List<String> images;

    @Option(
        names = "--base",
        paramLabel = "machine|IMAGE",
        description = "What to build on: an image with a JDK 25, or this machine's own system.")
    @Nullable String base;

    @Option(names = "--no-cache", description = "Build every layer anew.")
    boolean noCache;

    Build(Context context) {
      super(context);
    }
  }

  @CommandLine.Command(
      name = "list",
      description = "Lists the built-in images that the engine has.",
      footer = {"", "Example:", "  mlp images list --output json"})
  static final class ListImages extends Launched {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "FORMAT",
        description = "table (default) or json.")
    Command.@Nullable Format output;

    ListImages(Context context) {
      super(context);
    }
  }

  @CommandLine.Command(
      name = "remove",
      description = "Removes the built-in images that are out of date and that no container uses.",
      footer = {"", "Example:", "  mlp images remove --all"})
  static final class Remove extends Launched {
    @Option(names = "--all", description = "The current ones too.")
    boolean all;

    Remove(Context context) {
      super(context);
    }
  }
}
