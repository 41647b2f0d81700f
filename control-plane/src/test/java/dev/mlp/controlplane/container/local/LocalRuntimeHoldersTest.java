package dev.mlp.controlplane.container.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.FakeArtifactStore;
import dev.mlp.controlplane.container.process.ProcessRuntimes;
import dev.mlp.controlplane.container.process.ShellPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalRuntimeHoldersTest {
  @TempDir Path folder;

  @Test
  void membersOfGroupsThatCannotBeAdoptedHoldToo() throws Exception {
    Path root = folder.resolve("instances");
    Files.createDirectories(root.resolve("damaged/algo-1"));
    Files.createDirectories(root.resolve("damaged/algo-2"));
    Files.createDirectories(root.resolve(".new-group/algo-1"));
    Files.writeString(root.resolve("damaged/group.json"), "{");
    try (LocalRuntime runtime =
        ProcessRuntimes.open(root, ShellPrograms.IMAGES, new FakeArtifactStore())) {
      assertThat(runtime.holders()).containsExactlyInAnyOrder("damaged/algo-1", "damaged/algo-2");
    }
  }
}
