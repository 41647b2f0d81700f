package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Process runtimes for tests. */
public final class ProcessRuntimes {
  private ProcessRuntimes() {}

  /** The cache lies beside the runtime's folder. */
  public static LocalRuntime open(Path root, BuiltInImages images, ArtifactStore store)
      throws IOException {
    return open(root, store, new ProcessEngine(root, images, Clock.systemUTC()));
  }

  static LocalRuntime open(Path root, ArtifactStore store, ProcessEngine engine)
      throws IOException {
    return LocalRuntime.open(
        root,
        engine,
        StagingCache.open(store, root.resolveSibling("cache"), 4, 1L << 30, Clock.systemUTC()),
        new Collecting(store),
        Clock.systemUTC());
  }

  /** On a machine without control groups and mount namespaces. */
  static ProcessEngine bareEngine(Path root, ProcessEngine.Settings settings) throws IOException {
    Path folder = Files.createDirectories(root).toRealPath();
    Clock clock = Clock.systemUTC();
    return new ProcessEngine(
        ShellPrograms.IMAGES,
        settings,
        clock,
        new ProcessEngine.Machine(
            folder,
            new Cgroups(
                new CgroupTree.None("this is a test"), folder, settings.maxProcesses(), clock),
            MountNamespaces.none("this is a test")));
  }
}
