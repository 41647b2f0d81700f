package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildContextTest {
  private static final String PART = "FROM a\nCOPY lib/*.jar folder /there/\n";

  @TempDir Path home;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(home.resolve("lib"));
    Files.createDirectories(home.resolve("folder/below"));
    Files.writeString(home.resolve("lib/a.jar"), "A");
    Files.writeString(home.resolve("lib/b.jar"), "B");
    Files.writeString(home.resolve("lib/c.txt"), "not copied");
    Files.writeString(home.resolve("folder/below/d"), "D");
  }

  @Test
  void holdsWhatIsCopiedAndNothingElse() throws IOException {
    assertThat(BuildContext.of(home, PART).files().keySet())
        .containsExactly("folder/below/d", "lib/a.jar", "lib/b.jar");
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() -> BuildContext.of(home, "COPY lib/*.war none/x /y/\n"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("lib/*.war")
        .hasMessageContaining("build the project first");
  }

  @Test
  void itsHashIsThatOfContentsNamesAndInstructions() throws IOException {
    String before = hash(PART);
    Files.setLastModifiedTime(home.resolve("lib/a.jar"), FileTime.from(Instant.EPOCH));
    assertThat(hash(PART)).isEqualTo(before).matches("[0-9a-f]{12}");
    assertThat(hash(PART + "RUN x\n")).isNotEqualTo(before);
    Files.move(home.resolve("lib/b.jar"), home.resolve("lib/bb.jar"));
    assertThat(hash(PART)).isNotEqualTo(before);
    Files.move(home.resolve("lib/bb.jar"), home.resolve("lib/b.jar"));
    assertThat(hash(PART)).isEqualTo(before);
    Files.writeString(home.resolve("lib/b.jar"), "b");
    assertThat(hash(PART)).isNotEqualTo(before);
  }

  @Test
  void aChangedFileIsHashedAnew() throws IOException {
    FileHashes hashes = new FileHashes();
    Path file = home.resolve("lib/a.jar");
    String before = hashes.of(file);
    assertThat(before)
        .isEqualTo("559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd");
    Files.writeString(file, "longer");
    assertThat(hashes.of(file)).isNotEqualTo(before);
  }

  @Test
  void theArchiveBelongsToRootAndKeepsTimes() throws IOException {
    FileTime time = FileTime.from(Instant.parse("2026-01-02T03:04:05.678Z"));
    Files.setLastModifiedTime(home.resolve("lib/a.jar"), time);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BuildContext.of(home, PART).write("FROM b\n", out);
    Map<String, String> contents = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        contents.put(entry.getName(), new String(tar.readAllBytes(), UTF_8));
        assertThat(entry.getLongUserId()).isZero();
        assertThat(entry.getMode() & 0777).isEqualTo(0644);
        if (entry.getName().equals("lib/a.jar")) {
          assertThat(entry.getLastModifiedTime().toInstant())
              .isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        }
      }
    }
    assertThat(contents)
        .containsExactly(
            Map.entry("Dockerfile", "FROM b\n"),
            Map.entry("folder/below/d", "D"),
            Map.entry("lib/a.jar", "A"),
            Map.entry("lib/b.jar", "B"));
  }

  private String hash(String part) throws IOException {
    return BuildContext.of(home, part).hash(part, new FileHashes());
  }
}
