package dev.mlp.controlplane.container.docker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes folders into a tar archive such that any user of a container can write to them. */
final class TarOfFolder implements AutoCloseable {
  private static final int FOLDER_MODE = 040777;
  private static final int FILE_MODE = 0100666;
  private static final int EXECUTABLE = 0111;

  private final TarArchiveOutputStream tar;
  private final long user;
  private final long group;

  TarOfFolder(OutputStream out, Images.Image image) {
    this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
    this.user = image.userNumber().orElse(0);
    this.group = image.groupNumber().orElse(0);
  }

  /** One folder; its parents are others'. */
  void folder(String name) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name + "/");
    entry.setMode(FOLDER_MODE);
    entry.setIds((int) user, (int) group);
    put(entry);
  }

  /**
   * A folder with all that is in it.
   *
   * @param moved told how many bytes more were written, from the calling thread
   */
  void tree(Path folder, String name, LongConsumer moved) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            folder(name(path));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isSymbolicLink()) {
              TarArchiveEntry entry = new TarArchiveEntry(name(path), TarConstants.LF_SYMLINK);
              entry.setLinkName(Files.readSymbolicLink(path).toString());
              entry.setIds((int) user, (int) group);
              put(entry);
            } else if (attributes.isRegularFile()) {
              file(path, name(path), attributes);
              moved.accept(attributes.size());
            }
            return FileVisitResult.CONTINUE;
          }

          private String name(Path path) {
            Path relative = folder.relativize(path);
            return relative.toString().isEmpty() ? name : name + "/" + relative;
          }
        });
  }

  private void file(Path path, String name, BasicFileAttributes attributes) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
    boolean executable = permissions.contains(PosixFilePermission.OWNER_EXECUTE);
    entry.setMode(executable ? FILE_MODE | EXECUTABLE : FILE_MODE);
    entry.setIds((int) user, (int) group);
    entry.setSize(attributes.size());
    entry.setModTime(attributes.lastModifiedTime());
    tar.putArchiveEntry(entry);
    Files.copy(path, tar);
    tar.closeArchiveEntry();
  }

  private void put(TarArchiveEntry entry) throws IOException {
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
