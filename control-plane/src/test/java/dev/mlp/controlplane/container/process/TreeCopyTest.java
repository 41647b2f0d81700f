package dev.mlp.controlplane.container.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeCopyTest {
  private static final FileTime THEN = FileTime.from(Instant.parse("2024-02-03T04:05:06Z"));

  @TempDir Path folder;

  @Test
  void keepsContentPermissionsTimesAndLinks() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.createDirectory(source.resolve("deep"));
    Path file = Files.writeString(source.resolve("deep/run.sh"), "echo");
    Files.createSymbolicLink(source.resolve("link"), Path.of("deep/run.sh"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setLastModifiedTime(file, THEN);
    Files.setPosixFilePermissions(
        source.resolve("deep"), PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setLastModifiedTime(source.resolve("deep"), THEN);
    Path target = folder.resolve("new/target");
    new TreeCopy(source, target).run(text -> {});
    Path copy = target.resolve("deep/run.sh");
    assertThat(copy).hasContent("echo");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("r-xr-xr-x");
    assertThat(Files.getLastModifiedTime(copy)).isEqualTo(THEN);
    assertThat(Files.getLastModifiedTime(target.resolve("deep"))).isEqualTo(THEN);
    assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("deep/run.sh"));
  }

  @Test
  void replacesWhatIsThereAndLeavesNothingHalfMade() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("new"), "1");
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.writeString(target.resolve("old"), "0");
    Files.createDirectories(folder.resolve(".target.copying/half"));
    new TreeCopy(source, target).run(text -> {});
    assertThat(target.toFile().list()).containsExactly("new");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("source", "target");
  }

  @Test
  void tellsHowFarItIsWithinALargeFileToo() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    try (RandomAccessFile holes = new RandomAccessFile(source.resolve("big").toFile(), "rw")) {
      holes.setLength(150 << 20);
    }
    List<String> told = new ArrayList<>();
    new TreeCopy(source, folder.resolve("target")).run(told::add);
    assertThat(told).startsWith("0 of 150 MiB").endsWith("150 of 150 MiB");
    assertThat(told).hasSizeGreaterThan(3);
    assertThat(Files.size(folder.resolve("target/big"))).isEqualTo(150 << 20);
  }

  @Test
  void endsEarlyAtAnInterrupt() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("file"), "1");
    Path target = folder.resolve("target");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> new TreeCopy(source, target).run(text -> {}))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(target).doesNotExist();
  }
}
