package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What staging asks of a real S3 server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class S3ArtifactStoreTest {
  private static final S3Address OBJECT = S3Address.parse("s3://bucket/p/object ü.txt");

  @TempDir static Path folder;
  private EmbeddedS3 server;
  private S3ArtifactStore store;

  @BeforeAll
  void start() throws IOException {
    server =
        EmbeddedS3.start(folder.resolve("objects"), key -> Optional.of(StoreKey.whole("secret")));
    store = new S3ArtifactStore(server.uri(), "key", "secret", "us-east-1");
    store.createBucket("bucket");
  }

  @AfterAll
  void stop() {
    store.close();
    server.close();
  }

  private StoredObject put(S3Address address, byte[] content) throws IOException {
    store.write(address, Files.write(folder.resolve("upload"), content));
    return store.find(address).orElseThrow();
  }

  private StoredObject put(String text) throws IOException {
    return put(OBJECT, text.getBytes(StandardCharsets.UTF_8));
  }

  private String read(StoredObject object, long offset, long length) throws IOException {
    try (InputStream in = store.read(object, offset, length)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void readsAPartOfTheObjectThatWasListed() throws Exception {
    put("0123456789");
    StoredObject listed = store.list(S3Address.parse("s3://bucket/p/")).getFirst();
    assertThat(read(listed, 0, 10)).isEqualTo("0123456789");
    assertThat(read(listed, 0, 3)).isEqualTo("012");
    assertThat(read(listed, 3, 4)).isEqualTo("3456");
    assertThat(read(listed, 9, 1)).isEqualTo("9");
  }

  @Test
  void tellsThatTheObjectIsAnotherOneOrGone() throws Exception {
    StoredObject old = put("old, and longer");
    put("new");
    assertChanged(old, 0, old.size());
    assertChanged(old, 0, 2);
    assertChanged(old, 10, 2);
    store.delete(OBJECT);
    assertChanged(old, 0, old.size());
  }

  private void assertChanged(StoredObject object, long offset, long length) {
    assertThatThrownBy(() -> read(object, offset, length))
        .isInstanceOf(ObjectChangedException.class)
        .hasMessageContaining(object.address().toString());
  }

  @Test
  void anObjectOfManyPartsIsStagedWhole() throws Exception {
    byte[] content = new byte[5_000_001];
    new Random(1).nextBytes(content);
    put(S3Address.parse("s3://bucket/large/file"), content);
    StagingCache cache =
        StagingCache.open(
            store,
            folder.resolve("cache"),
            new Downloads(store, 3, 1_000_000),
            1L << 40,
            path -> Long.MAX_VALUE,
            Clock.systemUTC());
    Path tree =
        cache.prefix(
            "123456789012", S3Address.parse("s3://bucket/large"), 0, 1, "holder", text -> {});
    assertThat(tree.resolve("file")).hasBinaryContent(content);
  }

  @Test
  void emptyObjectsAndFoldersAreStaged() throws Exception {
    put(S3Address.parse("s3://bucket/few/empty"), new byte[0]);
    put(S3Address.parse("s3://bucket/few/folder/"), new byte[0]);
    StagingCache cache =
        StagingCache.open(store, folder.resolve("few"), 4, 1L << 40, Clock.systemUTC());
    Path tree =
        cache.prefix(
            "123456789012", S3Address.parse("s3://bucket/few/"), 0, 1, "holder", text -> {});
    assertThat(CacheWorld.files(tree)).isEqualTo(Map.of("empty", ""));
    assertThat(tree.resolve("folder")).isEmptyDirectory();
  }
}
