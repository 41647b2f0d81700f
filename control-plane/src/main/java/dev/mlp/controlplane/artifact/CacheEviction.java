package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cache below its limit: what was used longest ago goes first. What somebody needs stays,
 * though it be more than the limit.
 */
final class CacheEviction {
  private static final Logger logger = LoggerFactory.getLogger(CacheEviction.class);
  private static final long UNKNOWN = -1;

  /** A blob, or a tree with what it takes beside its blobs. */
  private record Entry(Path path, long bytes, FileTime lastUse, Object fileKey, boolean isBlob) {}

  private record Content(List<Entry> trees, List<Entry> blobs, List<Entry> looseBlobs) {
    long bytes() {
      return bytes(trees) + bytes(blobs);
    }

    private static long bytes(List<Entry> entries) {
      return entries.stream().mapToLong(Entry::bytes).sum();
    }
  }

  private final CacheFolder folder;
  private final CacheUses uses;
  private final long limitBytes;

  /** For one eviction at a time: the second would find the same candidates. */
  private final ReentrantLock turn = new ReentrantLock();

  /** As last looked at, and what came since. */
  private final AtomicLong bytes = new AtomicLong(UNKNOWN);

  CacheEviction(CacheFolder folder, CacheUses uses, long limitBytes) {
    this.folder = folder;
    this.uses = uses;
    this.limitBytes = limitBytes;
  }

  /** So much was added; evicts when that is too much, unless an eviction is under way. */
  void added(long count) {
    long known = bytes.updateAndGet(old -> old == UNKNOWN ? UNKNOWN : old + count);
    if ((known == UNKNOWN || known > limitBytes) && turn.tryLock()) {
      try {
        evictDownToLimit();
      } catch (IOException e) {
        // What was staged is none the worse for it.
        logger.warn("cannot evict from {}", folder.root(), e);
      } finally {
        turn.unlock();
      }
    }
  }

  /** Looks at all that is there, and evicts what is too much. */
  void sweep() throws IOException {
    turn.lock();
    try {
      evictDownToLimit();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Evicts until so much is free that was not.
   *
   * @return what was freed, in bytes; less where nothing more can be evicted
   */
  long free(long wanted) throws IOException, InterruptedException {
    turn.lockInterruptibly();
    try {
      return evict(look(), wanted);
    } finally {
      turn.unlock();
    }
  }

  private void evictDownToLimit() throws IOException {
    Content content = look();
    evict(content, content.bytes() - limitBytes);
  }

  private long evict(Content content, long wanted) throws IOException {
    List<Entry> candidates = new ArrayList<>(content.trees());
    candidates.addAll(content.looseBlobs());
    candidates.sort(Comparator.comparing(Entry::lastUse));
    Map<Object, Entry> blobs = new HashMap<>();
    content.blobs().forEach(blob -> blobs.put(blob.fileKey(), blob));
    long freed = 0;
    int removed = 0;
    for (Entry candidate : candidates) {
      if (freed >= wanted) {
        break;
      }
      long bytes = candidate.isBlob() ? removeBlob(candidate) : removeTree(candidate, blobs);
      freed += bytes;
      removed += bytes > 0 ? 1 : 0;
    }
    bytes.set(content.bytes() - freed);
    if (removed > 0) {
      logger.info("{}: evicted {} entries, {} bytes", folder.root(), removed, freed);
    }
    return freed;
  }

  private long removeBlob(Entry blob) throws IOException {
    Path away = folder.incoming();
    if (!uses.takeAway(blob.path(), away)) {
      return 0;
    }
    Folders.delete(away);
    return blob.bytes();
  }

  /** Also the blobs that are in no other tree. */
  private long removeTree(Entry tree, Map<Object, Entry> blobs) throws IOException {
    Path away = folder.incoming();
    if (!uses.takeAway(tree.path(), away)) {
      return 0;
    }
    Set<Entry> linked = new HashSet<>();
    Files.walkFileTree(
        away,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            Entry blob = blobs.get(attributes.fileKey());
            if (blob != null) {
              linked.add(blob);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Folders.delete(away);
    long freed = tree.bytes();
    for (Entry blob : linked) {
      freed += removeBlob(blob);
    }
    return freed;
  }

  private Content look() throws IOException {
    List<Entry> trees = new ArrayList<>();
    for (Path tree : folder.trees()) {
      try {
        BasicFileAttributes attributes = attributes(tree);
        Path own = CacheFolder.ownBytes(tree);
        long size = Files.exists(own) ? Long.parseLong(Files.readString(own)) : 0;
        trees.add(entry(tree, size, attributes, false));
      } catch (NoSuchFileException e) {
        // Evicted meanwhile.
      }
    }
    List<Entry> blobs = new ArrayList<>();
    List<Entry> loose = new ArrayList<>();
    for (Path path : folder.blobs()) {
      try {
        BasicFileAttributes attributes = attributes(path);
        Entry blob = entry(path, attributes.size(), attributes, true);
        blobs.add(blob);
        if ((Integer) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1) {
          loose.add(blob);
        }
      } catch (NoSuchFileException e) {
        // Evicted meanwhile.
      }
    }
    return new Content(trees, blobs, loose);
  }

  private static Entry entry(
      Path path, long bytes, BasicFileAttributes attributes, boolean isBlob) {
    return new Entry(
        path,
        bytes,
        attributes.lastModifiedTime(),
        Objects.requireNonNull(attributes.fileKey()),
        isBlob);
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
