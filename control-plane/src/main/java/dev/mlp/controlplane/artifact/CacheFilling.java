package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Makes the cache's blobs and trees. The caller has claims on all that is named here. */
final class CacheFilling {
  private final CacheFolder folder;
  private final Downloads downloads;
  private final CacheEviction eviction;
  private final ToLongFunction<Path> usableBytes;
  private final SingleFlight<Path> flights = new SingleFlight<>();

  CacheFilling(
      CacheFolder folder,
      Downloads downloads,
      CacheEviction eviction,
      ToLongFunction<Path> usableBytes) {
    this.folder = folder;
    this.downloads = downloads;
    this.eviction = eviction;
    this.usableBytes = usableBytes;
  }

  /**
   * Makes a tree of links.
   *
   * @param blobs of the listing's files, in their order
   */
  void folder(Listing listing, List<Path> blobs, Path tree, Consumer<String> progress)
      throws IOException, InterruptedException {
    List<Listing.Item> files = listing.files();
    Transfer transfer = new Transfer(files.size(), listing.bytes(), progress);
    List<Transfer.Part> parts =
        files.stream().map(file -> transfer.part(file.object().size())).toList();
    AtomicLong added = new AtomicLong();
    withRoom(
        listing.source(),
        () -> missing(files, blobs),
        () -> {
          List<Parallel.Task> tasks = new ArrayList<>();
          Set<Path> asked = new HashSet<>();
          for (int i = 0; i < files.size(); i++) {
            StoredObject object = files.get(i).object();
            Path blob = blobs.get(i);
            Transfer.Part part = parts.get(i);
            if (isComplete(blob, object)) {
              part.done();
            } else if (asked.add(blob)) {
              tasks.add(() ->
                  flights.bring(
                      blob,
                      part,
                      () -> isComplete(blob, object),
                      moved -> {
                        download(object, blob, moved);
                        added.addAndGet(object.size());
                      }));
            }
          }
          Parallel.run(tasks);
          // Also the files that are equal to others.
          parts.forEach(Transfer.Part::done);
          link(listing, files, blobs, tree);
        });
    if (added.get() > 0) {
      eviction.added(added.get());
    }
  }

  /** In bytes, without what another staging brings already: that has its room. */
  private long missing(List<Listing.Item> files, List<Path> blobs) throws IOException {
    Map<Path, Long> missing = new HashMap<>();
    for (int i = 0; i < files.size(); i++) {
      StoredObject object = files.get(i).object();
      if (!isComplete(blobs.get(i), object) && !flights.isUnderWay(blobs.get(i))) {
        missing.put(blobs.get(i), object.size());
      }
    }
    return missing.values().stream().mapToLong(Long::longValue).sum();
  }

  private static boolean isComplete(Path blob, StoredObject object) throws IOException {
    // An empty file needs no blob to link to.
    if (object.size() == 0) {
      return true;
    }
    try {
      BasicFileAttributes found =
          Files.readAttributes(blob, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() && found.size() == object.size();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void download(StoredObject object, Path blob, LongConsumer moved)
      throws IOException, InterruptedException {
    Path incoming = folder.incoming();
    try {
      downloads.file(object, incoming, moved);
      Files.setPosixFilePermissions(incoming, CacheFolder.FILE);
      Files.move(incoming, blob, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(incoming);
    }
  }

  private void link(Listing listing, List<Listing.Item> files, List<Path> blobs, Path tree)
      throws IOException, InterruptedException {
    Path incoming = folder.incoming();
    try {
      Path content = CacheFolder.content(incoming);
      Set<Path> made = new HashSet<>();
      makeFolder(incoming, made);
      makeFolder(content, made);
      for (Listing.Item item : listing.items()) {
        if (item.isFolder()) {
          makeFolder(content.resolve(item.path()), made);
        }
      }
      for (int i = 0; i < files.size(); i++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while staging " + listing.source());
        }
        Path file = content.resolve(files.get(i).path());
        makeFolder(file.getParent(), made);
        place(blobs.get(i), files.get(i).object(), file);
      }
      publish(incoming, tree);
    } finally {
      Folders.delete(incoming);
    }
  }

  private static void makeFolder(@Nullable Path path, Set<Path> made) throws IOException {
    if (path != null && !made.contains(path) && !Files.isDirectory(path)) {
      makeFolder(path.getParent(), made);
      Files.createDirectory(path);
      // Whatever the process's umask is: programs run as other users too.
      Files.setPosixFilePermissions(path, CacheFolder.FOLDER);
    }
    made.add(path);
  }

  private static void place(Path blob, StoredObject object, Path file) throws IOException {
    if (object.size() == 0) {
      Files.createFile(file);
      Files.setPosixFilePermissions(file, CacheFolder.FILE);
      return;
    }
    try {
      Files.createLink(file, blob);
    } catch (UnsupportedOperationException e) {
      Files.copy(blob, file, StandardCopyOption.COPY_ATTRIBUTES);
    } catch (FileSystemException e) {
      // ext4 allows 65,000 links to one file, and a folder may have more equal objects.
      if (!"Too many links".equals(e.getReason())) {
        throw e;
      }
      Files.copy(blob, file, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  /** Unpacks the archive unless it is there. */
  void archive(StoredObject archive, Path tree, Consumer<String> progress)
      throws IOException, InterruptedException {
    Transfer transfer = new Transfer(1, archive.size(), progress);
    Transfer.Part part = transfer.part(archive.size());
    AtomicLong added = new AtomicLong();
    flights.bring(
        tree,
        part,
        () -> Files.isDirectory(tree),
        moved ->
            withRoom(
                archive.address(), archive::size, () -> added.set(unpack(archive, tree, moved))));
    if (added.get() > 0) {
      eviction.added(added.get());
    }
  }

  /** Returns what it takes on the disk, in bytes. */
  private long unpack(StoredObject archive, Path tree, LongConsumer moved)
      throws IOException, InterruptedException {
    Path incoming = folder.incoming();
    try {
      Path content = Files.createDirectories(CacheFolder.content(incoming));
      downloads.stream(
          archive, moved, in -> TarUnpacker.unpack(archive.address().toString(), in, content));
      long bytes = openToAll(incoming);
      Files.write(
          CacheFolder.ownBytes(incoming), Long.toString(bytes).getBytes(StandardCharsets.US_ASCII));
      publish(incoming, tree);
      return bytes;
    } finally {
      Folders.delete(incoming);
    }
  }

  /** Lets everybody read and nobody else write; returns the files' bytes, each counted once. */
  private static long openToAll(Path root) throws IOException {
    Map<Object, Long> bytes = new HashMap<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(path, CacheFolder.FOLDER);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              bytes.put(attributes.fileKey(), attributes.size());
              boolean executable =
                  Files.getPosixFilePermissions(path).contains(PosixFilePermission.OWNER_EXECUTE);
              Files.setPosixFilePermissions(
                  path, executable ? CacheFolder.FOLDER : CacheFolder.FILE);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Gives a complete tree its name; one that another staging has put there meanwhile stays. */
  private static void publish(Path incoming, Path tree) throws IOException {
    try {
      Files.move(incoming, tree, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(tree)) {
        throw e;
      }
    }
  }

  /** Asks for each object that a manifest names, several at once. */
  Listing find(ArtifactStore store, Manifest manifest) throws IOException, InterruptedException {
    List<Listing.Item> items = Collections.synchronizedList(new ArrayList<>());
    List<Parallel.Task> tasks = new ArrayList<>();
    for (Manifest.Entry entry : manifest.entries()) {
      tasks.add(
          downloads.limited(() -> {
            StoredObject object =
                store
                    .find(entry.object())
                    .orElseThrow(() ->
                        new StagingException(
                            Problem.NO_OBJECTS,
                            "The manifest \"%s\" names \"%s\", which does not exist."
                                .formatted(manifest.source(), entry.object())));
            items.add(new Listing.Item(entry.path(), object));
          }));
    }
    Parallel.run(tasks);
    return new Listing(manifest.source(), items);
  }

  private interface Need {
    long bytes() throws IOException;
  }

  /** Does work that needs room on the disk; makes some where there is too little. */
  private void withRoom(S3Address source, Need need, Parallel.Task work)
      throws IOException, InterruptedException {
    for (boolean last = false; ; last = true) {
      long needed = need.bytes();
      long usable = usableBytes.applyAsLong(folder.root());
      if (usable < needed && eviction.free(needed - usable) > 0) {
        usable = usableBytes.applyAsLong(folder.root());
      }
      if (usable < needed) {
        throw new StagingException(
            Problem.DISK_FULL,
            "Disk full: \"%s\" has %d bytes to stage, the disk of %s has %d left"
                .formatted(source, needed, folder.root(), usable));
      }
      try {
        work.run();
        return;
      } catch (IOException e) {
        if (!DiskFull.isCauseOf(e)) {
          throw e;
        }
        if (last || eviction.free(Math.max(1, need.bytes())) == 0) {
          throw new StagingException(
              Problem.DISK_FULL,
              "Disk full while staging \"" + source + "\" to " + folder.root(),
              e);
        }
      }
    }
  }
}
