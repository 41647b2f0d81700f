package dev.mlp.controlplane.container.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  private static final String FULL = "The disk of the data directory is full";

  @Test
  void aFailureBesideAFullDiskIsExplainedByIt() {
    assertThat(DiskSpace.explain(1, Optional.empty(), 0)).contains(FULL);
    assertThat(DiskSpace.explain(1, Optional.of(" \n"), DiskSpace.LEAST_BYTES - 1)).contains(FULL);
    assertThat(DiskSpace.explain(1, Optional.of("cannot save\n"), 0))
        .contains(FULL + "; cannot save");
  }

  @Test
  void otherEndsAreToldAsTheyAre() {
    assertThat(DiskSpace.explain(1, Optional.empty(), DiskSpace.LEAST_BYTES)).isEmpty();
    assertThat(DiskSpace.explain(1, Optional.of("bad data"), Long.MAX_VALUE)).contains("bad data");
    assertThat(DiskSpace.explain(0, Optional.empty(), 0)).isEmpty();
  }

  @Test
  void aFolderThatIsNotThereIsNoFullDisk(@TempDir Path folder) {
    assertThat(DiskSpace.usableBytes(folder)).isPositive();
    assertThat(DiskSpace.usableBytes(folder.resolve("none"))).isEqualTo(Long.MAX_VALUE);
  }
}
