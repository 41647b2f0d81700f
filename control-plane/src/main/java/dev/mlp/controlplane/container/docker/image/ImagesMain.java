package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import dev.mlp.controlplane.container.BuiltInImages;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mlp images}: needs a Docker engine, and no server. */
@Command(
    name = "mlp images",
    description = "Builds, lists and removes the built-in images on this machine's Docker engine.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  mlp images build",
      "  mlp images list",
      "",
      "The server builds what it misses by itself. DOCKER_HOST names another engine."
    })
public final class ImagesMain implements Runnable {
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int INTERRUPTED = 130;

  /** Held, because the logging framework forgets the levels of loggers that nobody holds. */
  private static final Logger ROOT_LOGGER = Logger.getLogger("");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec @Nullable CommandSpec spec;

  private ImagesMain() {}

  /** Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 ended by Ctrl-C. */
  public static void main(String[] arguments) {
    ROOT_LOGGER.setLevel(Level.OFF); // the client's own words are in its exceptions
    Thread command = Thread.currentThread();
    CountDownLatch done = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  if (done.getCount() > 0) {
                    command.interrupt();
                    awaitCleanUp(done);
                    Runtime.getRuntime().halt(INTERRUPTED);
                  }
                }));
    int code = commandLine(System.getenv(), System.out, System.err).execute(arguments);
    done.countDown();
    System.exit(code);
  }

  /** What a broken-off build has left is removed before the process ends. */
  private static void awaitCleanUp(CountDownLatch done) {
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static CommandLine commandLine(
      Map<String, String> environment, PrintStream out, PrintStream err) {
    Engines engines = new Engines(environment);
    return new CommandLine(new ImagesMain())
        .addSubcommand("build", new BuildCommand(engines, out, err))
        .addSubcommand("list", new ListCommand(engines, out))
        .addSubcommand("remove", new RemoveCommand(engines, out))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler((e, _) -> {
          err.println(
              "mlp: "
                  + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                  + " ('"
                  + e.getCommandLine().getCommandSpec().qualifiedName(" ")
                  + " --help' shows how)");
          return USAGE;
        })
        .setExecutionExceptionHandler((e, _, _) -> {
          if (e instanceof InterruptedException) {
            err.println("mlp: interrupted; what was half made is removed");
            return INTERRUPTED;
          }
          err.println("mlp: " + EngineTrouble.line(e));
          return FAILED;
        });
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "which of build, list, remove?");
  }

  /** The engine, found when a command needs it. */
  record Engines(Map<String, String> environment) {
    DockerClient open() throws IOException {
      return EngineConnection.open(environment);
    }

    ImageBuilds builds(DockerClient client) throws IOException {
      Path home =
          Path.of(
              Optional.ofNullable(System.getProperty("mlp.home"))
                  .orElseThrow(() ->
                      new IllegalStateException(
                          "system property mlp.home is not set: use the mlp launcher")));
      String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
      Path caches =
          cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
      return new ImageBuilds(client, new BuiltInImages(List.of()), home, caches.resolve("mlp"));
    }
  }
}
