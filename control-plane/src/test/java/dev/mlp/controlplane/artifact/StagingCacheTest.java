package dev.mlp.controlplane.artifact;

import static dev.mlp.controlplane.artifact.CacheWorld.ACCOUNT;
import static dev.mlp.controlplane.artifact.CacheWorld.HOLDER;
import static dev.mlp.controlplane.artifact.CacheWorld.files;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the folders that instances get. */
final class StagingCacheTest {
  @TempDir Path root;
  private CacheWorld world;
  private FakeArtifactStore store;
  private StagingCache cache;

  @BeforeEach
  void open() throws Exception {
    world = new CacheWorld(root);
    store = world.store;
    cache = world.open();
  }

  private Path prefix(String source) throws Exception {
    return CacheWorld.prefix(cache, source);
  }

  @ParameterizedTest
  @CsvSource({
    "data/train,       data/train/a/b.csv,   a/b.csv",
    "data/train/,      data/train/a/b.csv,   a/b.csv",
    "data/train/,      data/train//a.csv,    a.csv",
    "data/train,       data/train-1.csv,     train-1.csv",
    "data/train.csv,   data/train.csv,       train.csv",
    "data,             data/x,               x",
    "'',               a/b,                  a/b",
    "da,               data/x,               data/x",
  })
  void keysBecomePathsBelowTheFolder(String prefix, String key, String path) throws Exception {
    store.put("s3://bucket/" + key, "content");
    assertThat(files(prefix("s3://bucket/" + prefix))).containsExactly(Map.entry(path, "content"));
  }

  @Test
  void bringsAllObjectsAndTellsHowFarItIs() throws Exception {
    world.partBytes = 1 << 18;
    cache = world.open();
    for (int i = 0; i < 12; i++) {
      store.put("s3://bucket/p/" + i, "x".repeat(1 << 20));
    }
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    Path tree =
        cache.prefix(ACCOUNT, S3Address.parse("s3://bucket/p"), 0, 1, HOLDER, progress::add);
    assertThat(files(tree)).hasSize(12);
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
  void aLargeObjectComesInPartsAndIsWhole() throws Exception {
    String text = "0123456789".repeat(250) + "end";
    store.put("s3://bucket/large", text);
    assertThat(files(prefix("s3://bucket/large"))).containsExactly(Map.entry("large", text));
    assertThat(store.parts())
        .containsExactlyInAnyOrder(
            "s3://bucket/large 0+1000",
            "s3://bucket/large 1000+1000",
            "s3://bucket/large 2000+503");
  }

  @Test
  void aKeyThatEndsInASlashIsAFolder() throws Exception {
    store.put("s3://bucket/p/", "").put("s3://bucket/p/empty/", "").put("s3://bucket/p/a", "1");
    Path tree = prefix("s3://bucket/p");
    assertThat(tree.resolve("empty")).isEmptyDirectory();
    assertThat(files(tree)).containsExactly(Map.entry("a", "1"));
  }

  @Test
  void emptyAndEqualObjectsAreFilesOfTheirOwnNames() throws Exception {
    store
        .put("s3://bucket/p/e1", "")
        .put("s3://bucket/p/e2", "")
        .put("s3://bucket/p/s1", "same")
        .put("s3://bucket/p/d/s2", "same");
    assertThat(files(prefix("s3://bucket/p")))
        .isEqualTo(Map.of("e1", "", "e2", "", "s1", "same", "d/s2", "same"));
    assertThat(store.parts()).hasSize(1);
    assertThat(world.blobBytes()).isEqualTo(4);
  }

  @Test
  void aPrefixWithoutObjectsIsRefusedInAwssWords() throws Exception {
    assertProblem(
        Problem.NO_OBJECTS,
        () -> prefix("s3://bucket/none/"),
        "No S3 objects found under S3 URL \"s3://bucket/none/\" given in input data source.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p/../../escape", "p/a/../b", "p/./a", "p/nul\0l", "p/.."})
  void aKeyThatIsNoPathIsRefused(String key) throws Exception {
    store.put("s3://bucket/" + key, "x");
    assertProblem(Problem.UNUSABLE_KEY, () -> prefix("s3://bucket/p"), key);
  }

  @Test
  void aNameThatNoFileCanHaveIsRefused() throws Exception {
    store.put("s3://bucket/p/" + "ü".repeat(128), "x");
    assertProblem(Problem.UNUSABLE_KEY, () -> prefix("s3://bucket/p"), "cannot be a file");
  }

  @ParameterizedTest
  @CsvSource({"p/a/b, p/a//b", "p/a, p/a/b", "p/d, p/d/"})
  void keysThatWouldBeOneFileAreRefused(String one, String other) throws Exception {
    store.put("s3://bucket/" + one, "x").put("s3://bucket/" + other, "");
    assertProblem(Problem.UNUSABLE_KEY, () -> prefix("s3://bucket/p"), "same file");
  }

  @Test
  void thePrefixItselfIsAFileBesideItsFolder() throws Exception {
    store.put("s3://bucket/p", "file").put("s3://bucket/p/", "").put("s3://bucket/p/a", "1");
    assertThat(files(prefix("s3://bucket/p"))).isEqualTo(Map.of("p", "file", "a", "1"));
  }

  @Test
  void everybodyMayReadAndNobodyElseWrite() throws Exception {
    store.put("s3://bucket/p/a/b", "x").put("s3://bucket/p/empty", "").put("s3://bucket/p/f/", "");
    Path tree = prefix("s3://bucket/p");
    assertThat(modes(tree))
        .isEqualTo(
            Map.of(
                "", "rwxr-xr-x",
                "a", "rwxr-xr-x",
                "f", "rwxr-xr-x",
                "a/b", "rw-r--r--",
                "empty", "rw-r--r--"));
  }

  @Test
  void manifestsNameTheirObjects() throws Exception {
    store
        .put("s3://bucket/m", "[{\"prefix\":\"s3://other/x/\"},\"a.csv\",\"d/b.csv\",\"a.csv\"]")
        .put("s3://other/x/a.csv", "a")
        .put("s3://other/x/d/b.csv", "b")
        .put("s3://other/x/c.csv", "not named");
    assertThat(files(manifest("s3://bucket/m", 0, 1)))
        .isEqualTo(Map.of("a.csv", "a", "d/b.csv", "b"));
  }

  @Test
  void aManifestsMissingObjectIsNamedWithTheManifest() throws Exception {
    store.put("s3://bucket/m", "[{\"prefix\":\"s3://other/x/\"},\"none\"]");
    assertProblem(
        Problem.NO_OBJECTS,
        () -> manifest("s3://bucket/m", 0, 1),
        "The manifest \"s3://bucket/m\" names \"s3://other/x/none\", which does not exist.");
  }

  @Test
  void eachHostGetsItsShare() throws Exception {
    store.put("s3://bucket/p/", "").put("s3://bucket/p/f/", "");
    for (String name : List.of("a", "b", "c", "d/e", "f/g")) {
      store.put("s3://bucket/p/" + name, name);
    }
    List<Map<String, String>> shares = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path tree =
          cache.prefix(ACCOUNT, S3Address.parse("s3://bucket/p"), i, 3, "group/" + i, text -> {});
      assertThat(tree.resolve("f")).isDirectory();
      shares.add(files(tree));
    }
    assertThat(shares)
        .containsExactly(
            Map.of("a", "a", "d/e", "d/e"), Map.of("b", "b", "f/g", "f/g"), Map.of("c", "c"));
    assertThat(store.parts()).hasSize(5);
  }

  @Test
  void manifestsAreSharedOutToo() throws Exception {
    store
        .put("s3://bucket/m", "[{\"prefix\":\"s3://bucket/x-\"},\"2\",\"1\"]")
        .put("s3://bucket/x-1", "one")
        .put("s3://bucket/x-2", "two");
    assertThat(files(manifest("s3://bucket/m", 0, 2))).isEqualTo(Map.of("1", "one"));
    assertThat(files(manifest("s3://bucket/m", 1, 2))).isEqualTo(Map.of("2", "two"));
  }

  @Test
  void archivesAreUnpackedOnceAndKeepWhatCanBeExecuted() throws Exception {
    store.put(
        "s3://bucket/code",
        TarGz.gzip(
            TarGz.tar(tar -> {
              TarArchiveEntry entry = new TarArchiveEntry("bin/run.sh");
              entry.setMode(06777);
              tar.putArchiveEntry(entry);
              tar.closeArchiveEntry();
              TarArchiveEntry secret = new TarArchiveEntry("secret");
              secret.setMode(0600);
              tar.putArchiveEntry(secret);
              tar.closeArchiveEntry();
            })));
    Path tree = CacheWorld.archive(cache, "s3://bucket/code");
    assertThat(modes(tree))
        .isEqualTo(
            Map.of(
                "", "rwxr-xr-x",
                "bin", "rwxr-xr-x",
                "bin/run.sh", "rwxr-xr-x",
                "secret", "rw-r--r--"));
    assertThat((Integer) Files.getAttribute(tree.resolve("bin/run.sh"), "unix:mode") & 07000)
        .isZero();
    store.put("s3://bucket/copy", store.get("s3://bucket/code"));
    assertThat(CacheWorld.archive(cache, "s3://bucket/copy")).isEqualTo(tree);
    assertThat(store.parts()).hasSize(1);
  }

  @Test
  void anObjectAndItsUnpackedContentAreTwoThings() throws Exception {
    store.put("s3://bucket/p/a.tar.gz", TarGz.of(Map.entry("a", "1")));
    Path asFile = prefix("s3://bucket/p/a.tar.gz");
    Path unpacked = CacheWorld.archive(cache, "s3://bucket/p/a.tar.gz");
    assertThat(asFile.resolve("a.tar.gz")).isRegularFile();
    assertThat(files(unpacked)).containsExactly(Map.entry("a", "1"));
  }

  @Test
  void aBadArchiveIsRefusedAndLeavesNothing() throws Exception {
    store.put("s3://bucket/evil", TarGz.tar(tar -> TarGz.file(tar, "../escape", "x")));
    assertProblem(
        Problem.BAD_ARCHIVE,
        () -> CacheWorld.archive(cache, "s3://bucket/evil"),
        "s3://bucket/evil");
    store.put("s3://bucket/text", "{}").put("s3://bucket/empty", "");
    assertProblem(
        Problem.BAD_ARCHIVE, () -> CacheWorld.archive(cache, "s3://bucket/text"), "no tar archive");
    assertProblem(
        Problem.BAD_ARCHIVE, () -> CacheWorld.archive(cache, "s3://bucket/empty"), "is empty");
    assertProblem(
        Problem.NO_OBJECTS, () -> CacheWorld.archive(cache, "s3://bucket/none"), "bucket/none");
  }

  private Path manifest(String source, int shard, int shards) throws Exception {
    return cache.manifest(
        ACCOUNT, S3Address.parse(source), shard, shards, "group/" + shard, text -> {});
  }

  private interface Act {
    Object run() throws Exception;
  }

  private void assertProblem(Problem problem, Act act, String words) throws Exception {
    assertThatThrownBy(act::run)
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(problem))
        .hasMessageContaining(words);
    assertThat(world.trees()).isZero();
    assertThat(world.leftovers()).isEmpty();
  }

  private static Map<String, String> modes(Path tree) throws Exception {
    Map<String, String> modes = new TreeMap<>();
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.toList()) {
        modes.put(
            tree.relativize(path).toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      }
    }
    return modes;
  }
}
