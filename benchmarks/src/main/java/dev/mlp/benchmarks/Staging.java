package dev.mlp.benchmarks;

import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.S3ArtifactStore;
import dev.mlp.controlplane.artifact.StagingCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** One channel that jobs stage again and again, from a real store inside this process. */
final class Staging implements AutoCloseable {
  private static final String ACCOUNT = "123456789012";
  private static final String SECRET = "secret";
  private static final S3Address CHANNEL = S3Address.parse("s3://data/train/");

  private final Programs programs;
  private final EmbeddedS3 server;
  private final S3ArtifactStore store;
  private final StagingCache cache;
  private Path tree;
  private int jobs;

  /**
   * Uploads the channel and stages it for a first job.
   *
   * @param objectBytes of each object; all are different
   */
  Staging(Programs programs, int objects, int objectBytes) throws Exception {
    this.programs = programs;
    this.server =
        EmbeddedS3.start(
            programs.work().resolve("objects"), id -> Optional.of(StoreKey.whole(SECRET)));
    this.store = new S3ArtifactStore(server.uri(), "key", SECRET, "us-east-1");
    this.cache =
        StagingCache.open(store, programs.work().resolve("cache"), 8, 1L << 40, Clock.systemUTC());
    store.createBucket(CHANNEL.bucket());
    Path file = programs.work().resolve("object");
    byte[] bytes = new byte[objectBytes];
    for (int i = 0; i < objects; i++) {
      new Random(i).nextBytes(bytes);
      Files.write(file, bytes);
      store.write(CHANNEL.resolve("part-%05d".formatted(i)), file);
    }
    this.tree = stage("first");
  }

  private Path stage(String holder) throws IOException, InterruptedException {
    return cache.prefix(ACCOUNT, CHANNEL, 0, 1, holder, progress -> {});
  }

  /** A next job's staging, in ms; its listing of the store included. */
  double nextJob() throws Exception {
    String holder = "job-" + jobs++ + "/algo-1";
    long begin = System.nanoTime();
    Path staged = stage(holder);
    double millis = millisSince(begin);
    if (!staged.equals(tree)) {
      throw new IllegalStateException("staged anew: " + staged);
    }
    cache.release(holder);
    return millis;
  }

  /** The listing alone, in ms. */
  double listing() throws Exception {
    long begin = System.nanoTime();
    store.list(CHANNEL);
    return millisSince(begin);
  }

  /** {@code cp -rl} of the same folder, in ms. */
  double linked() throws Exception {
    Path copy = programs.work().resolve("linked");
    double millis = programs.millis(List.of("cp", "-rl", tree.toString(), copy.toString()));
    Folders.delete(copy);
    return millis;
  }

  private static double millisSince(long begin) {
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() throws IOException {
    store.close();
    server.close();
    Folders.delete(programs.work().resolve("cache"));
    Folders.delete(programs.work().resolve("objects"));
  }
}
