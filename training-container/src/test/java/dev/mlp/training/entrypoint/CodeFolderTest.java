package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.training.contract.MlPaths;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeFolderTest {
  @TempDir Path folder;
  private MlPaths paths;
  private Path channel;

  @BeforeEach
  void createChannel() throws Exception {
    paths = new MlPaths(folder.resolve("one"));
    channel = Files.createDirectories(paths.channel("code"));
  }

  @Test
  void unpacksAnArchiveThatLiesInAChannel() throws Exception {
    try (TarArchiveOutputStream tar = tar("sourcedir.tar.gz")) {
      file(tar, "train.sh", "echo hi", 0755);
      file(tar, "lib/deep/a.py", "a = 1", 0644);
      link(tar, "lib/b.py", "deep/a.py");
    }
    CodeFolder.provide(paths, "/opt/ml/input/data/code/sourcedir.tar.gz");
    assertThat(paths.code().resolve("train.sh")).hasContent("echo hi").isExecutable();
    assertThat(Files.isExecutable(paths.code().resolve("lib/deep/a.py"))).isFalse();
    assertThat(paths.code().resolve("lib/b.py")).isSymbolicLink().hasContent("a = 1");
  }

  @Test
  void copiesAFolderOrAFile() throws Exception {
    Path source = Files.createDirectories(folder.resolve("source/lib"));
    Files.writeString(source.resolve("a.py"), "a = 1");
    CodeFolder.provide(paths, "file://" + folder.resolve("source"));
    assertThat(paths.code().resolve("lib/a.py")).hasContent("a = 1");

    MlPaths other = new MlPaths(folder.resolve("two"));
    CodeFolder.provide(other, source.resolve("a.py").toString());
    assertThat(other.code().resolve("a.py")).hasContent("a = 1");
  }

  @Test
  void aFolderThatHoldsSomethingIsLeftAsItIs() throws Exception {
    Files.createDirectories(paths.code());
    Files.writeString(paths.code().resolve("train.sh"), "echo staged");
    CodeFolder.provide(paths, "s3://bucket/code.tar.gz");
    CodeFolder.provide(paths, "/no/such/folder");
    assertThat(paths.code().resolve("train.sh")).hasContent("echo staged");
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> CodeFolder.provide(paths, "s3://bucket/code.tar.gz"))
        .hasMessageContaining("is empty")
        .hasMessageContaining("s3://bucket/code.tar.gz");
    assertThatThrownBy(() -> CodeFolder.provide(paths, "/no/such/folder"))
        .hasMessageContaining("/no/such/folder");
    assertThatThrownBy(() -> CodeFolder.provide(paths, "/opt/ml/code"))
        .hasMessageContaining("is empty");
  }

  @Test
  void noEntryLeadsOutOfTheFolder() throws Exception {
    try (TarArchiveOutputStream tar = tar("up.tar.gz")) {
      file(tar, "../evil.sh", "x", 0644);
    }
    try (TarArchiveOutputStream tar = tar("link.tar.gz")) {
      link(tar, "out", folder.toString());
      file(tar, "out/evil.sh", "x", 0644);
    }
    try (TarArchiveOutputStream tar = tar("chain.tar.gz")) {
      link(tar, "a", ".");
      link(tar, "a/b", "../..");
      file(tar, "b/evil.sh", "x", 0644);
    }
    for (String archive : new String[] {"up.tar.gz", "link.tar.gz", "chain.tar.gz"}) {
      assertThatThrownBy(() ->
              CodeArchive.extract(channel.resolve(archive), Files.createTempDirectory(folder, "c")))
          .as(archive)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("leads out of the code folder");
    }
    assertThat(folder.resolve("evil.sh")).doesNotExist();
  }

  private TarArchiveOutputStream tar(String name) throws IOException {
    OutputStream out = Files.newOutputStream(channel.resolve(name));
    return new TarArchiveOutputStream(new GZIPOutputStream(out));
  }

  private static void file(TarArchiveOutputStream tar, String name, String content, int mode)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    byte[] bytes = content.getBytes(UTF_8);
    entry.setSize(bytes.length);
    entry.setMode(mode);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar, String name, String target)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }
}
