package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.Folders;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a folder with all that is in it: links stay links, permissions and times are kept. The
 * target is whole or not there, and replaced when it is there.
 */
final class TreeCopy {
  private static final long CHUNK = 64L << 20;

  private final Path source;
  private final Path target;
  private final Path unfinished;
  private long total;
  private long done;

  TreeCopy(Path source, Path target) {
    this.source = source;
    this.target = target;
    this.unfinished = target.resolveSibling("." + target.getFileName() + ".copying");
  }

  /**
   * Copies; ends early at an interrupt.
   *
   * @param progress told as {@code 64 of 1024 MiB}, at least once per 64 MiB
   */
  void run(Consumer<String> progress) throws IOException, InterruptedException {
    Folders.delete(unfinished);
    if (target.getParent() != null) {
      Files.createDirectories(target.getParent());
    }
    measure();
    tell(progress);
    try {
      copy(progress);
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("copying " + source);
      interrupted.initCause(e);
      throw interrupted;
    }
    Folders.delete(target);
    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void measure() throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total += attributes.isRegularFile() ? attributes.size() : 0;
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void copy(Consumer<String> progress) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectory(copyOf(folder));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              copyFile(file, attributes, progress);
            } else {
              Files.copy(file, copyOf(file), LinkOption.NOFOLLOW_LINKS);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            // Only now: entries change the time, and cannot be made in what is read-only.
            Files.setPosixFilePermissions(copyOf(folder), Files.getPosixFilePermissions(folder));
            setTimes(copyOf(folder), Files.readAttributes(folder, BasicFileAttributes.class));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void copyFile(Path file, BasicFileAttributes attributes, Consumer<String> progress)
      throws IOException {
    Path copy = copyOf(file);
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long size = from.size();
      long position = 0;
      // In pieces, of which each is copied inside the kernel, and an interrupt waits for one only.
      while (position < size) {
        long n = from.transferTo(position, Math.min(CHUNK, size - position), to);
        if (n <= 0) {
          throw new IOException(file + " became shorter while it was copied");
        }
        position += n;
        done += n;
        tell(progress);
      }
    }
    Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
    setTimes(copy, attributes);
  }

  private static void setTimes(Path path, BasicFileAttributes attributes) throws IOException {
    Files.getFileAttributeView(path, BasicFileAttributeView.class)
        .setTimes(attributes.lastModifiedTime(), attributes.lastAccessTime(), null);
  }

  private void tell(Consumer<String> progress) {
    progress.accept("%d of %d MiB".formatted(done >> 20, total >> 20));
  }

  private Path copyOf(Path path) {
    return unfinished.resolve(source.relativize(path).toString());
  }
}
