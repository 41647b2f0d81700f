package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** Process runtimes for tests. */
public final class ProcessRuntimes {
  private ProcessRuntimes() {}

  /** The cache lies beside the runtime's folder. */
  public static LocalRuntime open(Path root, BuiltInImages images, ArtifactStore store)
      throws IOException {
    Clock clock = Clock.systemUTC();
    return LocalRuntime.open(
        root,
        new ProcessEngine(root, images, clock),
        StagingCache.open(store, root.resolveSibling("cache"), 4, 1L << 30, clock),
        new Collecting(store),
        clock);
  }
}
