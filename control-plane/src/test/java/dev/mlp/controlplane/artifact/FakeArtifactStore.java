package dev.mlp.controlplane.artifact;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Objects in memory; reads and writes can be held and let fail. */
public final class FakeArtifactStore implements ArtifactStore {
  private static final class Stored {
    private final byte[] content;
    private final Instant at = Instant.now();

    Stored(byte[] content) {
      this.content = content;
    }
  }

  private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final Set<String> buckets = new ConcurrentSkipListSet<>();
  private final Map<String, CountDownLatch> heldReads = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> heldWrites = new ConcurrentHashMap<>();
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final Map<String, String> failureWords = new ConcurrentHashMap<>();
  private final Queue<String> parts = new ConcurrentLinkedQueue<>();
  private volatile Consumer<String> beforeReads = uri -> {};

  /** Stores text. */
  public FakeArtifactStore put(String uri, String text) {
    return put(uri, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Stores bytes. */
  public FakeArtifactStore put(String uri, byte[] content) {
    objects.put(uri, new Stored(content.clone()));
    return this;
  }

  /** The bytes stored; fails where there are none. */
  public byte[] get(String uri) {
    return Objects.requireNonNull(objects.get(uri), uri).content.clone();
  }

  public boolean has(String uri) {
    return objects.containsKey(uri);
  }

  /** Reads of this object block until {@link #release}. */
  public void holdReads(String uri) {
    heldReads.put(uri, new CountDownLatch(1));
  }

  /** Writes of this object block until {@link #release}. */
  public void holdWrites(String uri) {
    heldWrites.put(uri, new CountDownLatch(1));
  }

  public void release(String uri) {
    Optional.ofNullable(heldReads.remove(uri)).ifPresent(CountDownLatch::countDown);
    Optional.ofNullable(heldWrites.remove(uri)).ifPresent(CountDownLatch::countDown);
  }

  /** The next {@code times} reads or writes of this object fail as an unreachable store does. */
  public void fail(String uri, int times) {
    fail(uri, times, "the store is away");
  }

  /** The next {@code times} reads or writes of this object fail with these words. */
  public void fail(String uri, int times, String words) {
    failureWords.put(uri, words);
    failures.put(uri, times);
  }

  /** Whenever an object is read by its listing, this is called first with its address. */
  public void beforeReads(Consumer<String> listener) {
    this.beforeReads = listener;
  }

  /** The parts that were read by their listings, {@code uri offset+length}. */
  public List<String> parts() {
    return List.copyOf(parts);
  }

  @Override
  public List<StoredObject> list(S3Address prefix) {
    String from = prefix.toString();
    return objects.tailMap(from).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(from))
        .map(entry -> describe(S3Address.parse(entry.getKey()), entry.getValue()))
        .toList();
  }

  @Override
  public Optional<StoredObject> find(S3Address address) {
    return Optional.ofNullable(objects.get(address.toString()))
        .map(stored -> describe(address, stored));
  }

  @Override
  public InputStream read(S3Address address) throws IOException {
    pass(heldReads.get(address.toString()));
    failIfAsked(address);
    Stored stored = objects.get(address.toString());
    if (stored == null) {
      throw new NoSuchFileException(address.toString());
    }
    return new ByteArrayInputStream(stored.content);
  }

  @Override
  public InputStream read(StoredObject object, long offset, long length) throws IOException {
    String uri = object.address().toString();
    beforeReads.accept(uri);
    pass(heldReads.get(uri));
    failIfAsked(object.address());
    Stored stored = objects.get(uri);
    if (stored == null || !describe(object.address(), stored).etag().equals(object.etag())) {
      throw new ObjectChangedException(object.address());
    }
    parts.add(uri + " " + offset + "+" + length);
    return new ByteArrayInputStream(
        stored.content, Math.toIntExact(offset), Math.toIntExact(length));
  }

  @Override
  public void write(S3Address address, Path file) throws IOException {
    pass(heldWrites.get(address.toString()));
    failIfAsked(address);
    objects.put(address.toString(), new Stored(Files.readAllBytes(file)));
  }

  @Override
  public boolean bucketExists(String bucket) {
    return buckets.contains(bucket);
  }

  @Override
  public void createBucket(String bucket) {
    buckets.add(bucket);
  }

  @Override
  public void delete(S3Address address) {
    objects.remove(address.toString());
  }

  private void failIfAsked(S3Address address) throws IOException {
    Integer left =
        failures.computeIfPresent(
            address.toString(), (uri, times) -> times == 0 ? null : times - 1);
    if (left != null) {
      throw new IOException(failureWords.get(address.toString()));
    }
  }

  private static void pass(@org.jspecify.annotations.Nullable CountDownLatch gate)
      throws IOException {
    if (gate != null) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException();
        interrupted.initCause(e);
        throw interrupted;
      }
    }
  }

  private static StoredObject describe(S3Address address, Stored stored) {
    return new StoredObject(
        address,
        stored.content.length,
        HexFormat.of().toHexDigits(java.util.Arrays.hashCode(stored.content)),
        stored.at);
  }
}
