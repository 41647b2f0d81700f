package dev.mlp.controlplane.artifact;

import static dev.mlp.controlplane.artifact.CacheWorld.ACCOUNT;
import static dev.mlp.controlplane.artifact.CacheWorld.files;
import static dev.mlp.controlplane.artifact.CacheWorld.links;
import static dev.mlp.controlplane.artifact.CacheWorld.prefix;
import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is brought once, by whom, and what is never used. */
final class StagingCacheSharingTest {
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

  @Test
  void aSecondJobOnTheSameObjectsBringsNothing() throws Exception {
    store.put("s3://bucket/p/a", "x").put("s3://bucket/p/b", "y");
    Path first = prefix(cache, "s3://bucket/p", "job-1/algo-1");
    assertThat(prefix(cache, "s3://bucket/p/", "job-2/algo-1")).isEqualTo(first);
    assertThat(prefix(world.open(), "s3://bucket/p", "job-3/algo-1")).isEqualTo(first);
    assertThat(store.parts()).hasSize(2);
  }

  @Test
  void aChangedListingBringsOnlyWhatIsNew() throws Exception {
    store.put("s3://bucket/p/a", "x").put("s3://bucket/p/b", "y");
    Path first = prefix(cache, "s3://bucket/p");
    store.put("s3://bucket/p/b", "changed").put("s3://bucket/p/c", "x");
    Path second = prefix(cache, "s3://bucket/p");
    assertThat(files(second)).isEqualTo(Map.of("a", "x", "b", "changed", "c", "x"));
    assertThat(files(first)).isEqualTo(Map.of("a", "x", "b", "y"));
    assertThat(store.parts()).hasSize(3);
    // Its blob, the first folder's a, the second's a and c.
    assertThat(links(first.resolve("a"))).isEqualTo(4);
  }

  @Test
  void accountsShareNothing() throws Exception {
    store.put("s3://bucket/p/a", "x");
    Path mine = prefix(cache, "s3://bucket/p");
    Path other =
        cache.prefix("000000000000", S3Address.parse("s3://bucket/p"), 0, 1, "other", text -> {});
    assertThat(store.parts()).hasSize(2);
    assertThat(Files.isSameFile(mine.resolve("a"), other.resolve("a"))).isFalse();
    assertThatThrownBy(
            () -> cache.prefix("..", S3Address.parse("s3://bucket/p"), 0, 1, "x", text -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyAtOnceBringEachObjectOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      store.put("s3://bucket/p/" + i, "content " + i);
    }
    List<Callable<Path>> stagings = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String holder = "group-" + i;
      stagings.add(() -> prefix(cache, "s3://bucket/p", holder));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Path> tree : threads.invokeAll(stagings)) {
        assertThat(files(tree.get())).hasSize(20);
      }
    }
    assertThat(store.parts()).hasSize(20);
    assertThat(world.trees()).isEqualTo(1);
    assertThat(world.leftovers()).isEmpty();
  }

  @Test
  void whoWaitsSeesHowFarItIs() throws Exception {
    store.put("s3://bucket/p/held", "x".repeat(2500));
    CountingHold hold = new CountingHold(2);
    store.beforeReads(hold::pass);
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    FutureTask<Path> first = start(() -> prefix(cache, "s3://bucket/p", "first"));
    eventually(() -> hold.waiting(), waiting -> waiting == 1);
    FutureTask<Path> second =
        start(() ->
            cache.prefix(ACCOUNT, S3Address.parse("s3://bucket/p"), 0, 1, "second", seen::add));
    eventually(() -> List.copyOf(seen), told -> told.contains("0 of 1 object, 0 of 2.4 KiB"));
    hold.open();
    assertThat(second.get()).isEqualTo(first.get());
    assertThat(seen).contains("1 of 1 object, 2.4 of 2.4 KiB");
    assertThat(store.parts()).hasSize(3);
  }

  @Test
  void anotherTakesOverWhenTheFirstIsInterrupted() throws Exception {
    store.put("s3://bucket/p/held", "x").put("s3://bucket/p/a", "a");
    store.holdReads("s3://bucket/p/held");
    AtomicInteger reads = new AtomicInteger();
    store.beforeReads(uri -> reads.addAndGet(uri.endsWith("held") ? 1 : 0));
    FutureTask<Path> first = new FutureTask<>(() -> prefix(cache, "s3://bucket/p", "first"));
    Thread thread = Thread.startVirtualThread(first);
    eventually(reads::get, count -> count == 1);
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    FutureTask<Path> second =
        start(() ->
            cache.prefix(ACCOUNT, S3Address.parse("s3://bucket/p"), 0, 1, "second", progress::add));
    eventually(() -> List.copyOf(progress), told -> told.contains("1 of 2 objects, 1 of 2 B"));
    thread.interrupt();
    assertThatThrownBy(first::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    eventually(reads::get, count -> count == 2);
    store.release("s3://bucket/p/held");
    assertThat(files(second.get())).isEqualTo(Map.of("a", "a", "held", "x"));
    assertThat(world.leftovers()).isEmpty();
  }

  @Test
  void anotherTakesOverAnArchiveWhenTheFirstFails() throws Exception {
    store.put("s3://bucket/code", TarGz.of(Map.entry("a", "1")));
    AtomicInteger reads = new AtomicInteger();
    store.beforeReads(uri -> reads.incrementAndGet());
    store.holdReads("s3://bucket/code");
    store.fail("s3://bucket/code", 1);
    List<FutureTask<Path>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String holder = "group-" + i;
      both.add(
          start(() ->
              cache.archive(ACCOUNT, S3Address.parse("s3://bucket/code"), holder, text -> {})));
    }
    eventually(reads::get, count -> count == 1);
    store.release("s3://bucket/code");
    int failed = 0;
    for (FutureTask<Path> staging : both) {
      try {
        assertThat(files(staging.get())).containsExactly(Map.entry("a", "1"));
      } catch (ExecutionException e) {
        failed++;
        assertThat(e).hasMessageContaining("the store is away");
      }
    }
    assertThat(failed).isEqualTo(1);
    assertThat(world.leftovers()).isEmpty();
  }

  @Test
  void anUnreachableStoreMayBeTriedAgainAndWhatIsThereStays() throws Exception {
    store.put("s3://bucket/p/a", "x").put("s3://bucket/p/b", "y");
    store.fail("s3://bucket/p/b", 1);
    world.parallel = 1;
    cache = world.open();
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/p"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StagingException.class);
    assertThat(world.trees()).isZero();
    assertThat(world.leftovers()).isEmpty();
    assertThat(files(prefix(cache, "s3://bucket/p"))).isEqualTo(Map.of("a", "x", "b", "y"));
    assertThat(store.parts()).doesNotHaveDuplicates();
  }

  @Test
  void anObjectThatChangesMeanwhileIsListedAgainAndNeverMixed() throws Exception {
    store.put("s3://bucket/p/large", "a".repeat(2500));
    AtomicInteger reads = new AtomicInteger();
    store.beforeReads(uri -> {
      if (reads.incrementAndGet() == 2) {
        store.put(uri, "b".repeat(2600));
      }
    });
    assertThat(files(prefix(cache, "s3://bucket/p")))
        .containsExactly(Map.entry("large", "b".repeat(2600)));
    assertThat(world.blobBytes()).isEqualTo(2600);
  }

  @Test
  void anObjectThatNeverStaysTheSameIsGivenUpForNow() {
    store.put("s3://bucket/p/a", "0");
    AtomicInteger reads = new AtomicInteger();
    store.beforeReads(uri -> store.put(uri, "change " + reads.incrementAndGet()));
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/p"))
        .isInstanceOf(ObjectChangedException.class)
        .hasMessageContaining("s3://bucket/p/a");
    assertThat(reads).hasValue(5);
  }

  @Test
  void anObjectThatIsDeletedMeanwhileIsMissing() {
    store.put("s3://bucket/p/a", "0");
    store.beforeReads(uri -> store.delete(S3Address.parse(uri)));
    assertThatThrownBy(() -> prefix(cache, "s3://bucket/p")).hasMessageContaining("No S3 objects");
  }

  @Test
  void whatACrashLeftIsNeitherUsedNorKept() throws Exception {
    store.put("s3://bucket/p/a", "whole");
    Path tree = prefix(cache, "s3://bucket/p", "stays");
    Files.writeString(Files.createDirectories(root.resolve("incoming/1/content")).resolve("a"), "");
    Files.writeString(root.resolve("incoming/2"), "half");
    store.put("s3://bucket/q/b", "blob");
    Path blob =
        new CacheFolder(root.toRealPath())
            .blob(
                ACCOUNT,
                ContentId.file(store.find(S3Address.parse("s3://bucket/q/b")).orElseThrow()));
    Files.writeString(blob, "bl");
    StagingCache next = world.open();
    assertThat(world.leftovers()).isEmpty();
    assertThat(files(tree)).containsExactly(Map.entry("a", "whole"));
    assertThat(files(prefix(next, "s3://bucket/q"))).containsExactly(Map.entry("b", "blob"));
  }

  @Test
  void nothingIsKeptOverARestartOfTheMachine() throws Exception {
    store.put("s3://bucket/p/a", "x");
    Path tree = prefix(cache, "s3://bucket/p");
    CacheFolder.open(root, Files.readString(root.resolve("boot")));
    assertThat(tree).isDirectory();
    CacheFolder.open(root, "another boot");
    assertThat(tree).doesNotExist();
    assertThat(world.blobBytes()).isZero();
    assertThat(root.resolve("uses")).isEmptyDirectory();
  }

  @Test
  void moreEqualObjectsThanAFileMayHaveLinksAreCopied() throws Exception {
    // ext4 allows 65,000 links; where a file system has no such limit, nothing is to be seen.
    int count = 65_010;
    List<Listing.Item> items = new ArrayList<>();
    store.put("s3://bucket/same", "same");
    var object = store.find(S3Address.parse("s3://bucket/same")).orElseThrow();
    for (int i = 0; i < count; i++) {
      items.add(new Listing.Item(i / 1000 + "/" + i, object));
    }
    CacheFolder folder = CacheFolder.open(root);
    folder.make(ACCOUNT);
    Path blob = folder.blob(ACCOUNT, ContentId.file(object));
    Path tree = folder.tree(ACCOUNT, "tree");
    CacheUses uses = CacheUses.load(folder);
    new CacheFilling(
            folder,
            new Downloads(store, 4, 1000),
            new CacheEviction(folder, uses, Long.MAX_VALUE),
            path -> Long.MAX_VALUE)
        .folder(
            new Listing(S3Address.parse("s3://bucket/same"), items),
            java.util.Collections.nCopies(count, blob),
            tree,
            text -> {});
    assertThat(CacheFolder.content(tree).resolve("65/65009")).hasContent("same");
    assertThat(CacheFolder.content(tree).resolve("9/9999")).hasContent("same");
    assertThat(store.parts()).hasSize(1);
  }

  private static FutureTask<Path> start(Callable<Path> staging) {
    FutureTask<Path> task = new FutureTask<>(staging);
    Thread.startVirtualThread(task);
    return task;
  }

  /** Lets a number of reads pass; the next ones wait. */
  private static final class CountingHold {
    private final java.util.concurrent.Semaphore passes;

    CountingHold(int passes) {
      this.passes = new java.util.concurrent.Semaphore(passes);
    }

    void pass(String uri) {
      passes.acquireUninterruptibly();
    }

    int waiting() {
      return passes.getQueueLength();
    }

    void open() {
      passes.release(1000);
    }
  }
}
