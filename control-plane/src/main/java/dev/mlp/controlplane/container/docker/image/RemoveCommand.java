package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import dev.mlp.controlplane.container.docker.image.ImageInventory.Held;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mlp images remove}. */
@Command(
    name = "remove",
    description = "Removes the built-in images that are out of date and that no container uses.",
    sortOptions = false,
    footer = {"", "Examples:", "  mlp images remove", "  mlp images remove --all"})
final class RemoveCommand implements Callable<Integer> {
  @Option(names = "--all", description = "The current ones too: they are built when next needed.")
  private boolean all;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  private final ImagesMain.Engines engines;
  private final PrintStream out;

  RemoveCommand(ImagesMain.Engines engines, PrintStream out) {
    this.engines = engines;
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    try (DockerClient client = engines.open()) {
      ImageInventory inventory = new ImageInventory(engines.builds(client));
      List<Held> chosen =
          inventory.held().stream().filter(image -> all || !image.isCurrent()).toList();
      List<Held> kept = inventory.remove(chosen);
      for (Held image : chosen) {
        out.println((kept.contains(image) ? "kept, it is in use: " : "removed ") + image.tag());
      }
      if (chosen.isEmpty()) {
        out.println("nothing to remove");
      }
      return 0;
    }
  }
}
