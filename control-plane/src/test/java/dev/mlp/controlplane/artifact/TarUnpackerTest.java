package dev.mlp.controlplane.artifact;

import static dev.mlp.controlplane.artifact.CacheWorld.files;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TarUnpackerTest {
  @TempDir Path folder;
  private int targets;

  /** Unpacks it into a new folder two below the temporary one. */
  private Path unpack(byte[] archive) throws IOException {
    Path target = Files.createDirectories(folder.resolve("home/" + targets++));
    TarUnpacker.unpack("s3://bucket/archive", new ByteArrayInputStream(archive), target);
    return target;
  }

  @Test
  void unpacksGzippedAndPlainArchives() throws Exception {
    byte[] plain =
        TarGz.tar(tar -> {
          TarGz.file(tar, "./1/saved_model.pb", "model");
          TarGz.file(tar, "1/" + "long".repeat(50) + "/ü", "v");
          TarGz.link(tar, TarConstants.LF_SYMLINK, "latest", "1");
          TarGz.link(tar, TarConstants.LF_LINK, "copy", "1/saved_model.pb");
        });
    for (byte[] archive : List.of(plain, TarGz.gzip(plain))) {
      Path target = unpack(archive);
      assertThat(files(target))
          .containsEntry("1/saved_model.pb", "model")
          .containsEntry("1/" + "long".repeat(50) + "/ü", "v")
          .containsEntry("copy", "model");
      assertThat(target.resolve("latest/saved_model.pb")).hasContent("model");
    }
  }

  @Test
  void keepsWhoMayExecuteAndNothingMore() throws Exception {
    Path file =
        unpack(
                TarGz.tar(tar -> {
                  TarArchiveEntry entry = new TarArchiveEntry("run.sh");
                  entry.setMode(06755);
                  tar.putArchiveEntry(entry);
                  tar.closeArchiveEntry();
                }))
            .resolve("run.sh");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rwxr-xr-x");
    assertThat(((Integer) Files.getAttribute(file, "unix:mode")) & 07000).isZero();
  }

  static Stream<Arguments> hostileArchives() {
    return Stream.of(
        hostile("climbs", tar -> TarGz.file(tar, "../escape", "x")),
        hostile("climbs inside", tar -> TarGz.file(tar, "a/../../escape", "x")),
        hostile("absolute", tar -> TarGz.file(tar, "/tmp/escape", "x")),
        hostile(
            "links to absolute",
            tar -> TarGz.link(tar, TarConstants.LF_SYMLINK, "l", "/etc/passwd")),
        hostile(
            "links outside",
            tar -> TarGz.link(tar, TarConstants.LF_SYMLINK, "a/l", "../../escape")),
        hostile(
            "links outside through a link",
            tar -> {
              TarGz.file(tar, "d/e/f", "x");
              TarGz.link(tar, TarConstants.LF_SYMLINK, "d/e/l", "..");
              TarGz.link(tar, TarConstants.LF_SYMLINK, "m", "d/e/l/../..");
            }),
        hostile(
            "writes through a link",
            tar -> {
              TarGz.link(tar, TarConstants.LF_SYMLINK, "l", ".");
              TarGz.file(tar, "l/x", "x");
            }),
        hostile(
            "hard link outside", tar -> TarGz.link(tar, TarConstants.LF_LINK, "h", "../secret")),
        hostile("hard link to nothing", tar -> TarGz.link(tar, TarConstants.LF_LINK, "h", "later")),
        hostile(
            "circle",
            tar -> {
              TarGz.link(tar, TarConstants.LF_SYMLINK, "a", "b");
              TarGz.link(tar, TarConstants.LF_SYMLINK, "b", "a");
            }),
        hostile("device", tar -> TarGz.link(tar, TarConstants.LF_CHR, "null", "")),
        hostile("pipe", tar -> TarGz.link(tar, TarConstants.LF_FIFO, "pipe", "")),
        hostile(
            "file is folder",
            tar -> {
              TarGz.file(tar, "a", "x");
              TarGz.file(tar, "a/b", "x");
            }));
  }

  private static Arguments hostile(String name, TarGz.Filling filling) {
    return Arguments.of(name, filling);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileArchives")
  void anArchiveThatReachesOutIsRefused(String name, TarGz.Filling filling) throws Exception {
    byte[] archive = TarGz.gzip(TarGz.tar(filling));
    assertBad(archive, "s3://bucket/archive");
    assertThat(folder.resolve("escape")).doesNotExist();
    assertThat(folder.resolve("home/escape")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no archive at all", "{}"})
  void whatIsNoArchiveIsRefused(String content) {
    assertBad(content.getBytes(java.nio.charset.StandardCharsets.UTF_8), "s3://bucket/archive");
  }

  @Test
  void aDamagedArchiveIsRefusedWhereverTheDamageIs() throws Exception {
    byte[] archive = TarGz.of(Map.entry("a", "x".repeat(100_000)), Map.entry("b", "y"));
    for (int cut : new int[] {3, archive.length / 2, archive.length - 4}) {
      assertBad(Arrays.copyOf(archive, cut), "damaged");
    }
    byte[] flipped = archive.clone();
    flipped[flipped.length - 6] ^= 1;
    assertBad(flipped, "damaged");
  }

  @Test
  void aReadThatFailsIsNotTakenForADamagedArchive() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the store is away");
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            throw new IOException("the store is away");
          }
        };
    assertThatThrownBy(() -> TarUnpacker.unpack("archive", broken, folder))
        .isNotInstanceOf(StagingException.class)
        .hasMessage("the store is away");
  }

  private void assertBad(byte[] archive, String words) {
    assertThatThrownBy(() -> unpack(archive))
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(Problem.BAD_ARCHIVE))
        .hasMessageContaining(words);
  }
}
