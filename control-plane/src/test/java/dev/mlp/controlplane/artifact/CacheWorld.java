package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** A staging cache on a fake store, for tests; parts are small and the clock is by hand. */
final class CacheWorld {
  static final String ACCOUNT = "123456789012";
  static final String HOLDER = "group/algo-1";

  final FakeArtifactStore store = new FakeArtifactStore();
  final Path root;
  long limitBytes = 1L << 40;
  int parallel = 4;
  long partBytes = 1000;
  ToLongFunction<Path> usableBytes = path -> Long.MAX_VALUE;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  CacheWorld(Path root) {
    this.root = root;
  }

  /** As a new process does. */
  StagingCache open() throws IOException {
    return StagingCache.open(
        store,
        root,
        new Downloads(store, parallel, partBytes),
        limitBytes,
        path -> usableBytes.applyAsLong(path),
        clock());
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        now = now.plus(Duration.ofMinutes(1));
        return now;
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }
    };
  }

  static Path prefix(StagingCache cache, String source) throws Exception {
    return prefix(cache, source, HOLDER);
  }

  static Path prefix(StagingCache cache, String source, String holder) throws Exception {
    return cache.prefix(ACCOUNT, S3Address.parse(source), 0, 1, holder, text -> {});
  }

  static Path archive(StagingCache cache, String source) throws Exception {
    return cache.archive(ACCOUNT, S3Address.parse(source), HOLDER, text -> {});
  }

  /** Its files by their paths, with their text. */
  static Map<String, String> files(Path tree) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        found.put(tree.relativize(path).toString(), Files.readString(path));
      }
    }
    return found;
  }

  /** The bytes of all blobs. */
  long blobBytes() throws IOException {
    long bytes = 0;
    for (Path blob : new CacheFolder(root.toRealPath()).blobs()) {
      bytes += Files.size(blob);
    }
    return bytes;
  }

  long trees() throws IOException {
    return new CacheFolder(root.toRealPath()).trees().size();
  }

  /** What stagings have not cleared away. */
  Stream<Path> leftovers() throws IOException {
    return CacheFolder.list(root.resolve("incoming")).stream();
  }

  static int links(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }
}
