package dev.mlp.controlplane.artifact;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores folders as {@code .tar.gz}. Blocks; safe for any number of threads. An interrupt ends it
 * with an {@link InterruptedIOException}; collecting again replaces the object.
 */
public final class Collecting {
  private static final Logger logger = LoggerFactory.getLogger(Collecting.class);

  /** Names and numbers of owners say nothing on another machine. */
  private static final int NOBODY = 0;

  private final ArtifactStore store;

  public Collecting(ArtifactStore store) {
    this.store = store;
  }

  /**
   * Packs the folder's content and stores it.
   *
   * <p>Symbolic links stay links; those that lead out of the folder are left out with a warning, as
   * are sockets, pipes and devices.
   *
   * @param temporary where the archive is packed; deleted afterwards. Needs as much space as the
   *     folder at worst.
   * @param evenEmpty also store an archive without entries, where the folder is empty or absent
   * @param progress told in words, from the calling thread
   * @return whether an object was stored
   */
  public boolean collect(
      OutputFolder output,
      Path temporary,
      S3Address destination,
      boolean evenEmpty,
      Consumer<String> progress)
      throws IOException {
    Path folder =
        switch (output) {
          case OutputFolder.OnDisk(Path path) -> path;
          case OutputFolder.AsTar _ -> throw new UnsupportedOperationException("not yet");
        };
    if (!evenEmpty && isEmpty(folder)) {
      return false;
    }
    try {
      long[] total = {0};
      if (Files.isDirectory(folder)) {
        walk(folder, (path, attributes) -> total[0] += attributes.size());
      }
      Transfer transfer = new Transfer(1, total[0], progress);
      pack(folder, temporary, transfer);
      store.write(destination, temporary);
      transfer.objectDone();
      return true;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private interface Visit {
    void visit(Path path, BasicFileAttributes attributes) throws IOException;
  }

  private static void walk(Path folder, Visit visit) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (!path.equals(folder)) {
              visit.visit(path, attributes);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (Thread.currentThread().isInterrupted()) {
              throw new InterruptedIOException("interrupted while collecting " + folder);
            }
            visit.visit(path, attributes);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void pack(Path folder, Path archive, Transfer transfer) throws IOException {
    GzipParameters parameters = new GzipParameters();
    // Weights hardly compress; the fastest level is three to four times as fast as the default.
    parameters.setCompressionLevel(Deflater.BEST_SPEED);
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(
            new GzipCompressorOutputStream(
                new BufferedOutputStream(Files.newOutputStream(archive)), parameters),
            StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      if (Files.isDirectory(folder)) {
        walk(folder, (path, attributes) -> add(tar, folder, path, attributes, transfer));
      }
    }
  }

  private static void add(
      TarArchiveOutputStream tar,
      Path folder,
      Path path,
      BasicFileAttributes attributes,
      Transfer transfer)
      throws IOException {
    String name = folder.relativize(path).toString();
    TarArchiveEntry entry;
    if (attributes.isSymbolicLink()) {
      Path target = Files.readSymbolicLink(path);
      if (target.isAbsolute() || !path.resolveSibling(target).normalize().startsWith(folder)) {
        logger.warn("{} is left out: it links to {}, outside {}", path, target, folder);
        return;
      }
      entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
      entry.setLinkName(target.toString());
    } else if (attributes.isDirectory()) {
      entry = new TarArchiveEntry(name + "/");
    } else if (attributes.isRegularFile()) {
      entry = new TarArchiveEntry(name);
      entry.setSize(attributes.size());
    } else {
      logger.warn("{} is left out: it is neither file, folder nor link", path);
      return;
    }
    entry.setIds(NOBODY, NOBODY);
    entry.setModTime(attributes.lastModifiedTime());
    if (!attributes.isSymbolicLink()) {
      entry.setMode(mode(Files.getPosixFilePermissions(path), attributes.isDirectory()));
    }
    tar.putArchiveEntry(entry);
    if (attributes.isRegularFile()) {
      Files.copy(path, tar);
      transfer.moved(attributes.size());
    }
    tar.closeArchiveEntry();
  }

  private static int mode(Set<PosixFilePermission> permissions, boolean folder) {
    int mode = folder ? 040000 : 0100000;
    String bits = PosixFilePermissions.toString(permissions);
    for (int i = 0; i < bits.length(); i++) {
      if (bits.charAt(i) != '-') {
        mode |= 1 << (bits.length() - 1 - i);
      }
    }
    return mode;
  }
}
