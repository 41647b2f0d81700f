package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * This host's copies of what instances read: one copy of equal content, told by ETag and size, per
 * account. What is there already is neither downloaded nor copied again; several who want the same
 * at once wait for one download.
 *
 * <p>A folder is given to a holder, is complete, and stays until its last holder has let go; what
 * nobody holds is evicted when the cache grows past its limit or the disk is full, what was used
 * longest ago first. <b>Nobody may change what is in it</b>: its files are links to those of other
 * folders. Folders have mode 0755 and files 0644, or 0755 where an archive says that they can be
 * executed; all belong to the user of this process.
 *
 * <p>Blocks; safe for any number of threads. An interrupt ends staging with an {@link
 * InterruptedException}. A {@link StagingException} is final; after another {@link IOException} it
 * can be tried again, and goes on with what was complete.
 */
public final class StagingCache {
  private static final long GIBIBYTE = 1L << 30;
  private static final long LEAST_DEFAULT_LIMIT = 10 * GIBIBYTE;
  private static final int DEFAULT_SHARE_OF_DISK = 5;
  private static final long PART_BYTES = 16L << 20;

  /** How often a listing may turn out to be old before staging is given up for now. */
  private static final int LISTINGS = 5;

  private final ArtifactStore store;
  private final CacheFolder folder;
  private final CacheUses uses;
  private final CacheEviction eviction;
  private final CacheFilling filling;
  private final Clock clock;

  private StagingCache(
      ArtifactStore store, CacheFolder folder, Downloads downloads, Limits limits, Clock clock)
      throws IOException {
    this.store = store;
    this.folder = folder;
    this.uses = CacheUses.load(folder);
    this.eviction = new CacheEviction(folder, uses, limits.bytes());
    this.filling = new CacheFilling(folder, downloads, eviction, limits.usable());
    this.clock = clock;
  }

  private record Limits(long bytes, ToLongFunction<Path> usable) {}

  /**
   * Opens the folder; what an earlier process left half done is removed.
   *
   * @param root for one process at a time
   * @param parallelDownloads requests to the store at once, over all callers
   * @param limitBytes past this, what nobody holds is evicted; what is held counts, and stays
   */
  public static StagingCache open(
      ArtifactStore store, Path root, int parallelDownloads, long limitBytes, Clock clock)
      throws IOException {
    return open(
        store,
        root,
        new Downloads(store, parallelDownloads, PART_BYTES),
        limitBytes,
        path -> path.toFile().getUsableSpace(),
        clock);
  }

  static StagingCache open(
      ArtifactStore store,
      Path root,
      Downloads downloads,
      long limitBytes,
      ToLongFunction<Path> usableBytes,
      Clock clock)
      throws IOException {
    return new StagingCache(
        store, CacheFolder.open(root), downloads, new Limits(limitBytes, usableBytes), clock);
  }

  /** A fifth of the disk, but at least 10 GiB. */
  public static long defaultLimitBytes(Path root) throws IOException {
    long disk = Files.getFileStore(Files.createDirectories(root)).getTotalSpace();
    return Math.max(LEAST_DEFAULT_LIMIT, disk / DEFAULT_SHARE_OF_DISK);
  }

  /**
   * Every object whose key starts with the source's key.
   *
   * <p>Below {@code data/train} or {@code data/train/}, the object {@code data/train/a/b.csv}
   * becomes {@code a/b.csv}; any other key, such as {@code data/train-1.csv}, {@code data/train}
   * itself or {@code data/train/}'s own, keeps what follows the last slash of the source's key. A
   * key that ends in a slash becomes a folder.
   *
   * @param shard which of the {@code shards} shares, from 0: in key order, object i is in share i
   *     mod {@code shards}; a share may be an empty folder
   * @param holder who will use it, such as {@code group/host}
   * @param progress told in words, often, from any thread: {@code 3 of 12 objects, 4.1 of 10 MiB}
   */
  public Path prefix(
      String account,
      S3Address source,
      int shard,
      int shards,
      String holder,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    return stage(
        account,
        () -> {
          List<StoredObject> objects = store.list(source);
          if (objects.isEmpty()) {
            throw new StagingException(
                Problem.NO_OBJECTS,
                "No S3 objects found under S3 URL \"" + source + "\" given in input data source.");
          }
          return folder(
              account, Listing.below(source, objects).shard(shard, shards), holder, progress);
        });
  }

  /**
   * The objects that a {@link Manifest} names, under their names in it; otherwise as {@link
   * #prefix}.
   */
  public Path manifest(
      String account,
      S3Address source,
      int shard,
      int shards,
      String holder,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    return stage(
        account,
        () -> {
          Listing listing = filling.find(store, Manifest.read(store, source));
          return folder(account, listing.shard(shard, shards), holder, progress);
        });
  }

  /**
   * What a tar archive has, gzipped or plain, told apart by its first bytes. Every entry stays
   * below the folder; devices, pipes, links that lead outside and set-user-id bits do not pass.
   *
   * @param progress as for {@link #prefix}, in compressed bytes
   */
  public Path archive(String account, S3Address source, String holder, Consumer<String> progress)
      throws IOException, InterruptedException {
    return stage(
        account,
        () -> {
          StoredObject archive =
              store
                  .find(source)
                  .orElseThrow(() ->
                      new StagingException(
                          Problem.NO_OBJECTS, "No S3 object found at S3 URL \"" + source + "\"."));
          Path tree = folder.tree(account, ContentId.archive(archive));
          try (var _ = uses.claim(List.of(tree))) {
            filling.archive(archive, tree, progress);
            return held(tree, holder);
          }
        });
  }

  private interface Attempt {
    Path run() throws IOException, InterruptedException;
  }

  private Path stage(String account, Attempt attempt) throws IOException, InterruptedException {
    folder.make(account);
    for (int listing = 1; ; listing++) {
      try {
        return attempt.run();
      } catch (ObjectChangedException e) {
        if (listing == LISTINGS) {
          throw e;
        }
      }
    }
  }

  private Path folder(String account, Listing listing, String holder, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path tree = folder.tree(account, ContentId.folder(listing));
    try (var _ = uses.claim(List.of(tree))) {
      if (Files.isDirectory(tree)) {
        long bytes = listing.bytes();
        int files = listing.files().size();
        progress.accept(Transfer.text(files, files, bytes, bytes));
      } else {
        listing.checkPaths();
        List<Path> blobs = new ArrayList<>();
        for (Listing.Item file : listing.files()) {
          blobs.add(folder.blob(account, ContentId.file(file.object())));
        }
        try (var _ = uses.claim(blobs)) {
          filling.folder(listing, blobs, tree, progress);
        }
      }
      return held(tree, holder);
    }
  }

  private Path held(Path tree, String holder) throws IOException {
    uses.hold(holder, tree);
    Files.setLastModifiedTime(tree, FileTime.from(clock.instant()));
    return CacheFolder.content(tree);
  }

  /** The holder needs nothing any more; nothing happens where it holds nothing. */
  public void release(String holder) throws IOException {
    uses.release(holder);
  }

  /** After a restart, before new holders come: whoever is not among these has let go. */
  public void retainHolders(Set<String> holders) throws IOException {
    uses.retain(holders);
  }

  /** Looks at what is there, and evicts what is too much; for a schedule. */
  public void sweep() throws IOException {
    eviction.sweep();
  }
}
