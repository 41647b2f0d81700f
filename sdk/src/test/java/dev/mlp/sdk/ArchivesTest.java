package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
  @TempDir Path folder;

  @Test
  void packsTheSameBytesWhateverTheTimesOfTheFiles() throws IOException {
    Path source = tree("src", Map.of("b.py", "b", "a/z.py", "z", "a/b/c.txt", "c"));
    Path first = folder.resolve("1.tar.gz");
    Path second = folder.resolve("2.tar.gz");
    SourceCode.pack(source, first);
    Files.setLastModifiedTime(source.resolve("b.py"), FileTime.from(Instant.EPOCH));
    SourceCode.pack(source, second);

    assertThat(first).hasSameBinaryContentAs(second);
    assertThat(contents(first).keySet()).containsExactly("a/b/c.txt", "a/z.py", "b.py");
  }

  @Test
  void keepsWhatIsExecutableAndNothingElseOfTheOwner() throws IOException {
    Path source = tree("src", Map.of("run.sh", "#!/bin/sh", "data.txt", "x"));
    assertThat(source.resolve("run.sh").toFile().setExecutable(true)).isTrue();
    Path archive = folder.resolve("a.tar.gz");
    SourceCode.pack(source, archive);
    try (TarArchiveInputStream tar = open(archive)) {
      TarArchiveEntry data = tar.getNextEntry();
      assertThat(data.getMode() & 0777).isEqualTo(0644);
      assertThat(data.getLastModifiedTime()).isEqualTo(FileTime.from(Instant.EPOCH));
      TarArchiveEntry script = tar.getNextEntry();
      assertThat(script.getMode() & 0777).isEqualTo(0755);
      assertThat(script.getLongUserId()).isZero();
    }
  }

  @Test
  void packsLongAndForeignNames() throws IOException {
    String name = "ü".repeat(20) + "/" + "n".repeat(150) + ".txt";
    Path archive = folder.resolve("a.tar.gz");
    SourceCode.pack(tree("src", Map.of(name, "x")), archive);
    assertThat(contents(archive)).containsExactly(Map.entry(name, "x"));
  }

  @Test
  void findsTheEntryPointAloneInTheFolderOrByItsWholePath() throws IOException {
    Path source = tree("src", Map.of("pkg/train.py", "x", "other.py", "y"));
    SourceCode alone = SourceCode.of(source.resolve("other.py"), null);
    assertThat(alone.program()).isEqualTo("other.py");
    Path archive = folder.resolve("a.tar.gz");
    alone.pack(archive);
    assertThat(contents(archive)).containsExactly(Map.entry("other.py", "y"));

    assertThat(SourceCode.of(Path.of("pkg/train.py"), source).program()).isEqualTo("pkg/train.py");
    assertThat(SourceCode.of(source.resolve("pkg/train.py"), source).program())
        .isEqualTo("pkg/train.py");
  }

  @Test
  void refusesAnEntryPointThatIsNotThere() throws IOException {
    Path source = tree("src", Map.of("a.py", "x"));
    Path elsewhere = tree("other", Map.of("b.py", "x"));
    assertThatThrownBy(() -> SourceCode.of(Path.of("missing.py"), source))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("missing.py");
    assertThatThrownBy(() -> SourceCode.of(elsewhere.resolve("b.py"), source))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> SourceCode.of(Path.of("../other/b.py"), source))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> SourceCode.of(folder.resolve("none.py"), null))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void wrapsABareSavedModelAsVersionOne() throws IOException {
    Path model =
        tree(
            "m",
            Map.of("saved_model.pb", "pb", "variables/v.index", "v", "code/inference.py", "c"));
    assertThat(contents(prepare(model)))
        .containsExactly(
            Map.entry("1/saved_model.pb", "pb"),
            Map.entry("1/variables/v.index", "v"),
            Map.entry("code/inference.py", "c"));
  }

  @Test
  void keepsVersionsWhereTheyAre() throws IOException {
    Path model = tree("m", Map.of("export/Servo/00000123/saved_model.pb", "pb"));
    assertThat(contents(prepare(model)).keySet())
        .containsExactly("export/Servo/00000123/saved_model.pb");
  }

  @Test
  void unpacksAZipWithOneFolderInIt() throws IOException {
    Path zip =
        zip(
            Map.of(
                "titanic_model/saved_model.pb",
                "pb",
                "titanic_model/variables/v",
                "v",
                "__MACOSX/x",
                "junk"));
    assertThat(contents(prepare(zip)))
        .containsExactly(Map.entry("1/saved_model.pb", "pb"), Map.entry("1/variables/v", "v"));
  }

  @Test
  void sendsARightTarGzAsItIs() throws IOException {
    Path archive = folder.resolve("model.tar.gz");
    SourceCode.pack(tree("m", Map.of("1/saved_model.pb", "pb")), archive);
    assertThat(prepare(archive)).isEqualTo(archive);
  }

  @Test
  void repacksATarGzOfABareSavedModel() throws IOException {
    Path archive = folder.resolve("model.tar.gz");
    SourceCode.pack(tree("m", Map.of("saved_model.pb", "pb")), archive);
    assertThat(contents(prepare(archive))).containsExactly(Map.entry("1/saved_model.pb", "pb"));
  }

  @Test
  void refusesWhatHoldsNoSavedModelOrSeveral() throws IOException {
    Path none = tree("none", Map.of("weights.bin", "x"));
    assertThatThrownBy(() -> prepare(none))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("there is no SavedModel in");
    Path two = tree("two", Map.of("a/saved_model.pb", "x", "b/saved_model.pb", "y"));
    assertThatThrownBy(() -> prepare(two))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("a/, b/");
    Path text = Files.writeString(folder.resolve("model.txt"), "hello");
    assertThatThrownBy(() -> prepare(text))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("a folder, a tar.gz or a zip");
    assertThatThrownBy(() -> prepare(folder.resolve("nowhere")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no model at");
  }

  @Test
  void refusesAnEntryThatClimbsOut() throws IOException {
    Path zip = zip(Map.of("../evil", "x", "saved_model.pb", "pb"));
    assertThatThrownBy(() -> prepare(zip))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("../evil");
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  private Path prepare(Path source) {
    try {
      return ModelArchive.prepare(source, Files.createTempDirectory(folder, "work"), true);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path tree(String name, Map<String, String> files) throws IOException {
    Path root = folder.resolve(name);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = root.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return root;
  }

  private Path zip(Map<String, String> entries) throws IOException {
    Path zip = folder.resolve("model.zip");
    try (OutputStream out = Files.newOutputStream(zip);
        ZipOutputStream zipped = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        zipped.putNextEntry(new ZipEntry(entry.getKey()));
        new ByteArrayInputStream(entry.getValue().getBytes(StandardCharsets.UTF_8))
            .transferTo(zipped);
      }
    }
    return zip;
  }

  static Map<String, String> contents(Path archive) throws IOException {
    Map<String, String> contents = new java.util.LinkedHashMap<>();
    try (TarArchiveInputStream tar = open(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        contents.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    assertThat(List.copyOf(contents.keySet()))
        .isEqualTo(List.copyOf(new TreeMap<>(contents).keySet()));
    return contents;
  }

  static TarArchiveInputStream open(Path archive) throws IOException {
    InputStream in = Files.newInputStream(archive);
    return new TarArchiveInputStream(new GZIPInputStream(in), "UTF-8");
  }
}
