package dev.mlp.controlplane.artifact;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StagingTest {
  @TempDir Path folder;
  private final FakeArtifactStore store = new FakeArtifactStore();
  private final Staging staging = new Staging(store, 4);

  @ParameterizedTest
  @CsvSource({
    "data/train,       data/train/a/b.csv,   a/b.csv",
    "data/train/,      data/train/a/b.csv,   a/b.csv",
    "data/train,       data/train-1.csv,     train-1.csv",
    "data/train.csv,   data/train.csv,       train.csv",
    "data,             data/x,               x",
    "'',               a/b,                  a/b",
    "da,               data/x,               data/x",
  })
  void keysBecomePathsBelowTheTarget(String prefix, String key, String path) throws Exception {
    store.put("s3://bucket/" + key, "content");
    staging.prefix(new S3Address("bucket", prefix), target(), progress -> {});
    assertThat(files()).containsExactly(Map.entry(path, "content"));
  }

  @Test
  void bringsAllObjectsAndTellsHowFarItIs() throws Exception {
    for (int i = 0; i < 12; i++) {
      store.put("s3://bucket/p/" + i, "x".repeat(1 << 20));
    }
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress::add);
    assertThat(files()).hasSize(12);
    assertThat(progress)
        .contains("0 of 12 objects, 0 of 12 MiB", "12 of 12 objects, 12 of 12 MiB")
        .allMatch(text -> text.matches("\\d+ of 12 objects, [\\d.]+ of 12 MiB"));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 12, 4299161, 10485760, '3 of 12 objects, 4.1 of 10 MiB'",
    "0, 1, 0, 0, '0 of 1 object, 0 of 0 B'",
    "1, 2, 512, 1023, '1 of 2 objects, 512 of 1023 B'",
    "1, 2, 1610612736, 3221225472, '1 of 2 objects, 1.5 of 3 GiB'",
  })
  void wordsItsProgress(int done, int all, long bytesDone, long bytes, String text) {
    assertThat(Transfer.text(done, all, bytesDone, bytes)).isEqualTo(text);
  }

  @Test
  void aKeyThatEndsInASlashIsAFolder() throws Exception {
    store.put("s3://bucket/p/", "").put("s3://bucket/p/empty/", "").put("s3://bucket/p/a", "1");
    staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress -> {});
    assertThat(target().resolve("empty")).isEmptyDirectory();
    assertThat(files()).containsExactly(Map.entry("a", "1"));
  }

  @Test
  void replacesWhatAnEarlierAttemptLeft() throws Exception {
    Files.createDirectories(target());
    Files.writeString(target().resolve("old"), "old");
    Files.createDirectories(folder.resolve(".target.staging"));
    Files.writeString(folder.resolve(".target.staging/half"), "half");
    store.put("s3://bucket/p/new", "new");
    staging.prefix(S3Address.parse("s3://bucket/p/"), target(), progress -> {});
    assertThat(files()).containsExactly(Map.entry("new", "new"));
    assertOnlyTheTarget();
  }

  @Test
  void aPrefixWithoutObjectsIsRefusedInAwssWords() {
    assertProblem(
        Problem.NO_OBJECTS,
        () -> staging.prefix(S3Address.parse("s3://bucket/none/"), target(), progress -> {}),
        "No S3 objects found under S3 URL \"s3://bucket/none/\" given in input data source.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p/../../escape", "p/a/../b", "p/./a"})
  void aKeyThatIsNoPathIsRefused(String key) {
    store.put("s3://bucket/" + key, "x");
    assertProblem(
        Problem.UNUSABLE_KEY,
        () -> staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress -> {}),
        key);
  }

  @Test
  void keysThatWouldBeOneFileAreRefused() {
    store.put("s3://bucket/p/a/b", "x").put("s3://bucket/p/a//b", "y");
    assertProblem(
        Problem.UNUSABLE_KEY,
        () -> staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress -> {}),
        "same file");
  }

  @Test
  void aFullDiskIsNamedBeforeAnythingIsBrought() {
    store.put("s3://bucket/p/large", "x".repeat(1000));
    Staging full = new Staging(store, 4, path -> 999);
    assertProblem(
        Problem.DISK_FULL,
        () -> full.prefix(S3Address.parse("s3://bucket/p"), target(), progress -> {}),
        "Disk full: \"s3://bucket/p\" has 1000 bytes");
  }

  @Test
  void anUnreachableStoreMayBeTriedAgain() {
    store.put("s3://bucket/p/a", "x").put("s3://bucket/p/b", "x");
    store.fail("s3://bucket/p/b", 1);
    assertThatThrownBy(
            () -> staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress -> {}))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StagingException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anInterruptEndsItAndLeavesNothing() throws Exception {
    store.put("s3://bucket/p/a", "x").put("s3://bucket/p/held", "x");
    store.holdReads("s3://bucket/p/held");
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Exception> end = new ConcurrentLinkedQueue<>();
    Thread thread =
        Thread.startVirtualThread(() -> {
          try {
            staging.prefix(S3Address.parse("s3://bucket/p"), target(), progress::add);
          } catch (IOException | InterruptedException e) {
            end.add(e);
          }
        });
    eventually(() -> progress, told -> told.contains("1 of 2 objects, 1 of 2 B"));
    thread.interrupt();
    thread.join();
    assertThat(end).singleElement().isInstanceOf(InterruptedException.class);
    assertThat(folder).isEmptyDirectory();
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
      store.put("s3://bucket/model", archive);
      staging.archive(S3Address.parse("s3://bucket/model"), target(), progress -> {});
      assertThat(files())
          .containsEntry("1/saved_model.pb", "model")
          .containsEntry("1/" + "long".repeat(50) + "/ü", "v")
          .containsEntry("copy", "model");
      assertThat(target().resolve("latest/saved_model.pb")).hasContent("model");
      assertOnlyTheTarget();
    }
  }

  @Test
  void keepsWhoMayExecuteAndNothingMore() throws Exception {
    store.put(
        "s3://bucket/code",
        TarGz.tar(tar -> {
          TarArchiveEntry entry = new TarArchiveEntry("run.sh");
          entry.setMode(06755);
          tar.putArchiveEntry(entry);
          tar.closeArchiveEntry();
        }));
    staging.archive(S3Address.parse("s3://bucket/code"), target(), progress -> {});
    Path file = target().resolve("run.sh");
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
  void anArchiveThatReachesOutIsRefusedAndLeavesNothing(String name, TarGz.Filling filling)
      throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    store.put("s3://bucket/evil", TarGz.gzip(TarGz.tar(filling)));
    assertThatThrownBy(() ->
            staging.archive(
                S3Address.parse("s3://bucket/evil"), home.resolve("target"), progress -> {}))
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(Problem.BAD_ARCHIVE))
        .hasMessageContaining("s3://bucket/evil");
    assertThat(home).isEmptyDirectory();
    assertThat(folder.resolve("escape")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no archive at all", "{}"})
  void whatIsNoArchiveIsRefused(String content) {
    store.put("s3://bucket/text", content);
    assertProblem(
        Problem.BAD_ARCHIVE,
        () -> staging.archive(S3Address.parse("s3://bucket/text"), target(), progress -> {}),
        "s3://bucket/text");
  }

  @Test
  void aDamagedArchiveIsRefusedWhereverTheDamageIs() throws Exception {
    byte[] archive = TarGz.of(Map.entry("a", "x".repeat(100_000)), Map.entry("b", "y"));
    for (int cut : new int[] {3, archive.length / 2, archive.length - 4}) {
      store.put("s3://bucket/cut", java.util.Arrays.copyOf(archive, cut));
      assertProblem(
          Problem.BAD_ARCHIVE,
          () -> staging.archive(S3Address.parse("s3://bucket/cut"), target(), progress -> {}),
          "damaged");
    }
    byte[] flipped = archive.clone();
    flipped[flipped.length - 6] ^= 1;
    store.put("s3://bucket/flipped", flipped);
    assertProblem(
        Problem.BAD_ARCHIVE,
        () -> staging.archive(S3Address.parse("s3://bucket/flipped"), target(), progress -> {}),
        "damaged");
  }

  @Test
  void anUnreachableStoreIsNotTakenForADamagedArchive() throws Exception {
    store.put("s3://bucket/model", TarGz.of(Map.entry("a", "x")));
    store.fail("s3://bucket/model", 1);
    assertThatThrownBy(
            () -> staging.archive(S3Address.parse("s3://bucket/model"), target(), progress -> {}))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StagingException.class);
  }

  @Test
  void aMissingArchiveIsNamed() {
    assertProblem(
        Problem.NO_OBJECTS,
        () -> staging.archive(S3Address.parse("s3://bucket/none"), target(), progress -> {}),
        "s3://bucket/none");
  }

  private interface Act {
    void run() throws Exception;
  }

  private void assertProblem(Problem problem, Act act, String words) {
    assertThatThrownBy(act::run)
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(problem))
        .hasMessageContaining(words);
    assertThat(folder).isEmptyDirectory();
  }

  private Path target() {
    return folder.resolve("target");
  }

  private void assertOnlyTheTarget() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries).containsExactly(target());
    }
  }

  private Map<String, String> files() throws IOException {
    Map<String, String> found = new java.util.TreeMap<>();
    try (Stream<Path> all = Files.walk(target())) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        found.put(target().relativize(path).toString(), Files.readString(path));
      }
    }
    return found;
  }
}
