package dev.mlp.controlplane;

import dev.mlp.controlplane.artifact.FailureText;
import dev.mlp.controlplane.capacity.InstanceTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mlp server}: reads the arguments, starts the control plane, and waits for its end. */
@Command(
    name = "mlp server",
    description = "Starts the platform on this machine.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  mlp server                          on http://127.0.0.1:8765, data in ~/.mlp",
      "  mlp server --port 0 --data-dir /tmp/try   a free port, a folder of its own",
      "",
      "SIGTERM (or Ctrl-C) stops the server and leaves running work to be adopted by the next start.",
      "Further settings are read from mlp.yaml in the data directory."
    })
final class Main implements Callable<Integer> {
  private static final int DEFAULT_PORT = 8765;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "All that the server keeps (default: $MLP_DATA_DIR, else ~/.mlp).")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--host",
      paramLabel = "H",
      description = "Address to listen on (default: 127.0.0.1).")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; 0 takes a free one (default: " + DEFAULT_PORT + ").")
  private @Nullable Integer port;

  @Option(
      names = "--runtime",
      paramLabel = "auto|process|docker",
      description =
          "What starts instances: processes of this machine, or Docker containers; auto takes"
              + " Docker where an engine answers (default: auto).")
  private Config.@Nullable RuntimeChoice runtime;

  @Option(
      names = "--instance-types",
      paramLabel = "fit|strict",
      description =
          "An instance type larger than this machine is fitted to it, or refused (default: fit).")
  private @Nullable InstanceTypes instanceTypes;

  @Option(
      names = "--temporary",
      hidden = true,
      description = "What still runs is removed when the server stops, not left to its next start.")
  private boolean temporary;

  private Main() {}

  /** Exit codes: 0 stopped as asked, 1 could not start, 2 wrong arguments. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler((e, _, _) -> {
              System.err.println("mlp server: " + FailureText.of(e));
              return 1;
            })
            .execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    configureLogging();
    ControlPlane controlPlane = ControlPlane.start(config());
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  controlPlane.close();
                  // Asked to stop and stopped: without this the JVM would tell of the signal.
                  Runtime.getRuntime().halt(0);
                }));
    controlPlane.startUpLines().forEach(System.out::println);
    System.out.println("mlp is ready at " + controlPlane.url());
    new CountDownLatch(1).await(); // until a signal ends the process
    return 0;
  }

  private Config config() throws IOException {
    Map<String, String> environment = System.getenv();
    Path home =
        Optional.ofNullable(System.getProperty("mlp.home"))
            .map(Path::of)
            .orElseThrow(() ->
                new IllegalStateException(
                    "system property mlp.home is not set: start the server with the mlp launcher"));
    Path userHome = Path.of(System.getProperty("user.home"));
    Path directory =
        Optional.ofNullable(dataDirectory)
            .or(() -> Optional.ofNullable(environment.get("MLP_DATA_DIR")).map(Path::of))
            .orElse(userHome.resolve(".mlp"))
            .toAbsolutePath()
            .normalize();
    Path cache =
        Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
            .map(Path::of)
            .orElse(userHome.resolve(".cache"))
            .resolve("mlp");
    ConfigFile file = ConfigFile.read(directory.resolve("mlp.yaml"));
    return new Config(
        home,
        directory,
        cache,
        first(host, file.host(), "127.0.0.1"),
        first(port, file.port(), DEFAULT_PORT),
        first(runtime, file.runtime(), Config.RuntimeChoice.AUTO),
        first(null, file.region(), "us-east-1"),
        file.memoryMebibytes() == null
            ? OptionalLong.empty()
            : OptionalLong.of(file.memoryMebibytes()),
        file.instances(instanceTypes),
        file.dockerSettings(),
        temporary,
        file.imageAliases() == null ? Map.of() : file.imageAliases(),
        Optional.ofNullable(file.objectStore())
            .map(store ->
                new Config.ObjectStore(
                    store.endpoint(),
                    first(null, store.region(), "us-east-1"),
                    store.accessKeyId(),
                    store.secretAccessKey())),
        environment.containsKey("MLP_AOT_RECORD"));
  }

  private static <T> T first(@Nullable T argument, @Nullable T configured, T fallback) {
    return argument != null ? argument : configured != null ? configured : fallback;
  }

  private static void configureLogging() throws IOException {
    try (InputStream settings = Main.class.getResourceAsStream("/logging.properties")) {
      if (settings != null && System.getProperty("java.util.logging.config.file") == null) {
        LogManager.getLogManager().readConfiguration(settings);
      }
    }
  }

  /** The version that Maven wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"mlp " + current()};
    }

    static String current() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "unreleased" : version;
    }
  }
}
