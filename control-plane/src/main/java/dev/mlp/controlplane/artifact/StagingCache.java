package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The host's copies of what instances read. A folder is given to a holder, and stays until its last
 * holder has let go; nobody may change what is in it.
 *
 * <p>Blocks; safe for any number of threads. An interrupt ends staging with an {@link
 * InterruptedException}. A {@link StagingException} is final; after another {@link IOException} it
 * can be tried again.
 */
public final class StagingCache {
  private final Path root;
  private final Staging staging;

  public StagingCache(ArtifactStore store, Path root, int parallelDownloads) {
    this.root = root;
    this.staging = new Staging(store, parallelDownloads);
  }

  /** As {@link Staging#prefix}, into a folder of the cache. */
  public Path prefix(
      String account,
      S3Address source,
      int shard,
      int shards,
      String holder,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    Path tree = fresh(account, holder);
    staging.prefix(source, tree, progress);
    return tree;
  }

  /** The objects that a manifest names. */
  @SuppressWarnings("DoNotCallSuggester") // until it is done
  public Path manifest(
      String account,
      S3Address source,
      int shard,
      int shards,
      String holder,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    throw new StagingException(
        StagingException.Problem.UNUSABLE_KEY, source + ": manifests are not supported yet");
  }

  /** As {@link Staging#archive}, into a folder of the cache. */
  public Path archive(String account, S3Address source, String holder, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path tree = fresh(account, holder);
    staging.archive(source, tree, progress);
    return tree;
  }

  private Path fresh(String account, String holder) throws IOException {
    return Files.createDirectories(root.resolve(account).resolve(holder))
        .resolve(UUID.randomUUID().toString());
  }

  /** The holder, such as {@code group/host}, needs nothing any more. */
  public void release(String holder) throws IOException {
    try (Stream<Path> accounts = Files.exists(root) ? Files.list(root) : Stream.empty()) {
      for (Path account : accounts.toList()) {
        Folders.delete(account.resolve(holder));
      }
    }
  }

  /** After a restart: whoever is not among these holders has let go. */
  public void retainHolders(Set<String> holders) throws IOException {}
}
