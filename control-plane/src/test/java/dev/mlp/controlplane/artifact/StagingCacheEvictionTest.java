package dev.mlp.controlplane.artifact;

import static dev.mlp.controlplane.artifact.CacheWorld.ACCOUNT;
import static dev.mlp.controlplane.artifact.CacheWorld.files;
import static dev.mlp.controlplane.artifact.CacheWorld.prefix;
import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes, what stays, and what is said when nothing can go. */
final class StagingCacheEvictionTest {
  @TempDir Path root;
  private CacheWorld world;
  private FakeArtifactStore store;

  @BeforeEach
  void fill() {
    world = new CacheWorld(root);
    store = world.store;
    for (String name : Set.of("a", "b", "c", "d")) {
      store.put("s3://bucket/" + name + "/file", name.repeat(100));
    }
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() throws Exception {
    world.limitBytes = 250;
    StagingCache cache = world.open();
    Path a = prefix(cache, "s3://bucket/a/", "1");
    Path b = prefix(cache, "s3://bucket/b/", "2");
    assertThat(prefix(cache, "s3://bucket/a/", "3")).isEqualTo(a);
    cache.release("1");
    cache.release("2");
    cache.release("3");
    Path c = prefix(cache, "s3://bucket/c/", "4");
    assertThat(b).doesNotExist();
    assertThat(a).isDirectory();
    assertThat(files(c)).hasSize(1);
    assertThat(world.blobBytes()).isEqualTo(200);
  }

  @Test
  void whatIsHeldStaysThoughItIsTooMuch() throws Exception {
    world.limitBytes = 150;
    StagingCache cache = world.open();
    Path a = prefix(cache, "s3://bucket/a/", "1");
    prefix(cache, "s3://bucket/a/", "2");
    Path b = prefix(cache, "s3://bucket/b/", "3");
    cache.release("1");
    cache.sweep();
    assertThat(a).isDirectory();
    assertThat(b).isDirectory();
    // Also after a restart.
    cache = world.open();
    cache.sweep();
    assertThat(a).isDirectory();
    cache.release("2");
    cache.release("2");
    cache.release("nobody");
    cache.sweep();
    assertThat(a).doesNotExist();
    assertThat(b).isDirectory();
  }

  @Test
  void afterARestartOnlyThoseWhoAreThereHold() throws Exception {
    world.limitBytes = 150;
    StagingCache before = world.open();
    String odd = "../../group.1/ålgo %2F" + "é".repeat(10);
    Path a = prefix(before, "s3://bucket/a/", "group/algo-1");
    Path b = prefix(before, "s3://bucket/b/", odd);
    StagingCache cache = world.open();
    cache.retainHolders(Set.of(odd, "unknown"));
    cache.sweep();
    assertThat(a).doesNotExist();
    assertThat(files(b)).hasSize(1);
    cache.retainHolders(Set.of());
    cache.sweep();
    // 100 bytes are not too much.
    assertThat(b).isDirectory();
    assertThat(root.resolve("uses")).isEmptyDirectory();
  }

  @Test
  void blobsThatAnotherFolderLinksStayWithIt() throws Exception {
    store.put("s3://bucket/ab/a", "a".repeat(100)).put("s3://bucket/ab/b", "b".repeat(100));
    world.limitBytes = 150;
    StagingCache cache = world.open();
    Path both = prefix(cache, "s3://bucket/ab/", "1");
    prefix(cache, "s3://bucket/a/", "2");
    cache.release("1");
    cache.sweep();
    assertThat(both).doesNotExist();
    assertThat(world.blobBytes()).isEqualTo(100);
    prefix(cache, "s3://bucket/a/", "3");
    assertThat(store.parts()).hasSize(2);
  }

  @Test
  void unpackedArchivesCount() throws Exception {
    store.put("s3://bucket/code", TarGz.of(Map.entry("a", "x".repeat(1000))));
    world.limitBytes = 1050;
    StagingCache cache = world.open();
    Path code = CacheWorld.archive(cache, "s3://bucket/code");
    cache.release(CacheWorld.HOLDER);
    cache.sweep();
    assertThat(code).isDirectory();
    prefix(cache, "s3://bucket/a/", "1");
    assertThat(code).doesNotExist();
  }

  @Test
  void whatIsBeingStagedStays() throws Exception {
    store.put("s3://bucket/two/1", "1".repeat(100)).put("s3://bucket/two/2", "2".repeat(100));
    store.holdReads("s3://bucket/two/2");
    world.limitBytes = 50;
    StagingCache cache = world.open();
    FutureTask<Path> staging = new FutureTask<>(() -> prefix(cache, "s3://bucket/two/", "1"));
    Thread.startVirtualThread(staging);
    eventually(world::blobBytes, bytes -> bytes == 100);
    cache.sweep();
    assertThat(world.blobBytes()).isEqualTo(100);
    store.release("s3://bucket/two/2");
    assertThat(files(staging.get())).hasSize(2);
    assertThat(store.parts()).hasSize(2);
  }

  @Test
  void whatAFailedStagingLeftIsUsedUntilItIsTooMuch() throws Exception {
    store.put("s3://bucket/two/1", "1".repeat(100)).put("s3://bucket/two/2", "2".repeat(100));
    world.limitBytes = 150;
    StagingCache cache = world.open();
    store.beforeReads(uri -> {
      if (uri.endsWith("two/2")) {
        try {
          eventually(world::blobBytes, bytes -> bytes == 100);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    });
    store.fail("s3://bucket/two/2", 1);
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/two/", "1"))
        .hasMessageContaining("the store is away");
    assertThat(world.blobBytes()).isEqualTo(100);
    Path a = prefix(cache, "s3://bucket/a/", "2");
    assertThat(files(a)).hasSize(1);
    assertThat(world.blobBytes()).isEqualTo(100);
  }

  @Test
  void aFullDiskIsNamedBeforeAnythingIsBrought() throws Exception {
    world.usableBytes = path -> 99;
    StagingCache cache = world.open();
    assertDiskFull(cache, "Disk full: \"s3://bucket/a/\" has 100 bytes to stage, the disk of");
    assertThat(store.parts()).isEmpty();
  }

  @Test
  void aFullDiskTakesBackWhatNobodyHolds() throws Exception {
    world.usableBytes =
        path -> {
          try {
            return 250 - world.blobBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    StagingCache cache = world.open();
    Path b = prefix(cache, "s3://bucket/b/", "1");
    Path c = prefix(cache, "s3://bucket/c/", "2");
    cache.release("1");
    assertThat(files(prefix(cache, "s3://bucket/a/", "3"))).hasSize(1);
    assertThat(b).doesNotExist();
    assertThat(c).isDirectory();
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/d/", "4"))
        .hasMessageContaining("has 100 bytes to stage, the disk of");
  }

  @Test
  void aDiskThatFillsUpMeanwhileIsEmptiedAndTriedAgain() throws Exception {
    StagingCache cache = world.open();
    Path b = prefix(cache, "s3://bucket/b/", "1");
    cache.release("1");
    store.fail("s3://bucket/a/file", 1, "No space left on device");
    assertThat(files(prefix(cache, "s3://bucket/a/", "2"))).hasSize(1);
    assertThat(b).doesNotExist();
  }

  @Test
  void aDiskThatStaysFullFailsWithThatReasonAndLeavesNothing() throws Exception {
    StagingCache cache = world.open();
    Path b = prefix(cache, "s3://bucket/b/", "1");
    store.fail("s3://bucket/a/file", 9, "No space left on device");
    assertDiskFull(cache, "Disk full while staging \"s3://bucket/a/\"");
    assertThat(b).isDirectory();
    cache.release("1");
    assertDiskFull(cache, "Disk full while staging \"s3://bucket/a/\"");
    assertThat(b).doesNotExist();
    store.put("s3://bucket/code", TarGz.of(Map.entry("a", "x")));
    store.fail("s3://bucket/code", 9, "Disk quota exceeded");
    assertThatThrownBy(() -> CacheWorld.archive(cache, "s3://bucket/code"))
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(Problem.DISK_FULL));
    assertThat(world.leftovers()).isEmpty();
  }

  @Test
  void oneDownloadIsNotCountedTwiceOnTheDisk() throws Exception {
    world.usableBytes = path -> 150;
    StagingCache cache = world.open();
    store.holdReads("s3://bucket/a/file");
    AtomicInteger reads = new AtomicInteger();
    store.beforeReads(uri -> reads.incrementAndGet());
    FutureTask<Path> first = new FutureTask<>(() -> prefix(cache, "s3://bucket/a/", "1"));
    Thread.startVirtualThread(first);
    eventually(reads::get, count -> count == 1);
    world.usableBytes = path -> 10;
    FutureTask<Path> second =
        new FutureTask<>(() ->
            cache.prefix(
                ACCOUNT,
                S3Address.parse("s3://bucket/a/"),
                0,
                1,
                "2",
                text -> reads.incrementAndGet()));
    Thread.startVirtualThread(second);
    eventually(reads::get, count -> count >= 2);
    store.release("s3://bucket/a/file");
    assertThat(second.get()).isEqualTo(first.get());
  }

  @Test
  void whatIsNotItsOwnIsLeftAlone() throws Exception {
    Files.createDirectories(root.resolve("lost+found"));
    Files.createDirectories(root.resolve("uses/holder"));
    Files.writeString(root.resolve("uses/.DS_Store"), "");
    Files.writeString(root.resolve("uses/holder/.DS_Store"), "");
    world.limitBytes = 0;
    StagingCache cache = world.open();
    prefix(cache, "s3://bucket/a/", "1");
    cache.release("1");
    cache.sweep();
    assertThat(world.trees()).isZero();
    assertThat(root.resolve("lost+found")).isDirectory();
  }

  @Test
  void theDefaultLimitIsAtLeastTenGibibytes() throws Exception {
    long disk = Files.getFileStore(root).getTotalSpace();
    assertThat(StagingCache.defaultLimitBytes(root)).isEqualTo(Math.max(10L << 30, disk / 5));
  }

  private void assertDiskFull(StagingCache cache, String words) throws Exception {
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/a/", "full"))
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(Problem.DISK_FULL))
        .hasMessageContaining(words);
    assertThat(world.leftovers()).isEmpty();
  }
}
