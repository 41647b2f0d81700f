package dev.mlp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * {@code mlp server}: the launcher starts the server itself, without this program in between. This
 * is for {@code --help}, and for whoever runs this program without the launcher.
 */
@CommandLine.Command(
    name = "server",
    description = {
      "Starts the server and keeps it running until Ctrl-C or SIGTERM.",
      "Its last start-up line is: mlp is ready at http://HOST:PORT",
      "Jobs and endpoints that run when it stops go on, and the next start takes them over."
    },
    footer = {
      "",
      "Examples:",
      "  mlp server",
      "  mlp server --data-dir /srv/mlp --host 0.0.0.0 --port 8080"
    })
final class ServerCommand extends Command {
  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The address to listen on; 127.0.0.1 by default.")
  @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "The port; 0 takes a free one.")
  @Nullable Integer port;

  @Option(
      names = "--runtime",
      paramLabel = "RUNTIME",
      description = "What runs jobs and endpoints: auto (default), process or docker.")
  @Nullable String runtime;

  @Option(
      names = "--instance-types",
      paramLabel = "fit|strict",
      description = "Fit types larger than this machine to it (default), or refuse them.")
  @Nullable String instanceTypes;

  ServerCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    List<String> command =
        new ArrayList<>(List.of(context.home().resolve("mlp").toString(), "server"));
    option(command, "--data-dir", dataDirectory);
    option(command, "--host", host);
    option(command, "--port", port);
    option(command, "--runtime", runtime);
    option(command, "--instance-types", instanceTypes);
    try {
      Process server = new ProcessBuilder(command).inheritIO().start();
      try (Interrupt _ =
          Interrupt.runs(() -> {
            server.destroy();
            server.onExit().join();
          })) {
        return server.waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the server: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", e);
    }
  }

  private static void option(List<String> command, String name, @Nullable Object value) {
    if (value != null) {
      command.add(name);
      command.add(value.toString());
    }
  }
}
