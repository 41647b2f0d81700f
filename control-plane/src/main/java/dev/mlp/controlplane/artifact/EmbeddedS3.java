package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.access.StoreKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.jspecify.annotations.Nullable;

/**
 * The S3 server inside this process: objects are files below one folder, one sub-folder per bucket.
 * It listens on 127.0.0.1 alone, on a port that the system chooses; requests are signed (V2 or V4)
 * for the host that the client addressed, so a front that passes them on must keep their Host.
 *
 * <p>The folder's file system must have user extended attributes (ext4, xfs, btrfs, tmpfs of Linux
 * 6.6 or newer), and no other server may use it meanwhile.
 */
public final class EmbeddedS3 implements AutoCloseable {
  /**
   * A request whose body's hash is signed is buffered to be checked; larger ones are refused, and
   * clients send their parts smaller than this.
   */
  private static final long LARGEST_BUFFERED_REQUEST = 64L << 20;

  private final Path folder;
  private final S3Proxy server;
  private final URI uri;
  private final Duration startTime;

  private EmbeddedS3(Path folder, S3Proxy server, URI uri, Duration startTime) {
    this.folder = folder;
    this.server = server;
    this.uri = uri;
    this.startTime = startTime;
  }

  /**
   * Starts it; uploads that an earlier process had not finished are swept first.
   *
   * @param keys the key of an access key id, asked for every request; empty for an unknown one
   */
  @SuppressWarnings("NullAway") // The locator's contract is null for an unknown access key id.
  public static EmbeddedS3 start(Path folder, Function<String, Optional<StoreKey>> keys)
      throws IOException {
    long begin = System.nanoTime();
    Files.createDirectories(folder);
    UnfinishedUploads.sweepTemporaryFiles(folder, Instant.MAX);
    var store = new FileObjects(new FilesystemNio2BlobStore(folder.toString()));
    // The builder wants one pair; the locator set below answers for every key instead of it.
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(store)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(
                AuthenticationType.AWS_V2_OR_V4,
                UUID.randomUUID().toString(),
                UUID.randomUUID().toString())
            .ignoreUnknownHeaders(true)
            .v4MaxNonChunkedRequestSize(LARGEST_BUFFERED_REQUEST)
            .build();
    server.setBlobStoreLocator(
        (identity, bucket, key) -> grant(keys, store, identity, bucket, key));
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException("the embedded S3 server does not start: " + e.getMessage(), e);
    }
    return new EmbeddedS3(
        folder,
        server,
        URI.create("http://127.0.0.1:" + server.getPort()),
        Duration.ofNanos(System.nanoTime() - begin));
  }

  private static @Nullable AccessGrant grant(
      Function<String, Optional<StoreKey>> keys,
      FileObjects store,
      @Nullable String identity,
      @Nullable String bucket,
      @Nullable String key) {
    if (identity == null) {
      return null;
    }
    return keys.apply(identity)
        .map(known ->
            new AccessGrant(
                known.secret(),
                known
                    .scope()
                    .<BlobStore>map(scope -> new ScopedObjects(store, scope, bucket, key))
                    .orElse(store)))
        .orElse(null);
  }

  /** Where it listens, such as {@code http://127.0.0.1:40123}. */
  public URI uri() {
    return uri;
  }

  /** How long the start took, the sweep included. */
  public Duration startTime() {
    return startTime;
  }

  /**
   * Deletes what uploads left behind that nobody has touched for {@code age}: parts of multipart
   * uploads that were neither completed nor aborted, and temporary files. For a schedule; safe
   * while requests are served.
   */
  public void sweep(Duration age, Instant now) throws IOException {
    Instant before = now.minus(age);
    UnfinishedUploads.sweepTemporaryFiles(folder, before);
    UnfinishedUploads.sweepParts(folder, before);
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the embedded S3 server does not stop", e);
    }
  }
}
