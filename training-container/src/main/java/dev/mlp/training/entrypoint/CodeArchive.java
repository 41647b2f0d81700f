package dev.mlp.training.entrypoint;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks a {@code tar.gz} of code. No entry gets outside the folder, by name or by link. */
final class CodeArchive {
  private static final int EXECUTABLE = 0111;

  private CodeArchive() {}

  static void extract(Path archive, Path folder) throws IOException {
    Path root = folder.toRealPath();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = inside(root, root.resolve(entry.getName()), archive, entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Path parent = target.resolveSibling("");
          Files.createDirectories(parent);
          // A link among the entries before may have led the parent elsewhere.
          inside(root, parent.toRealPath(), archive, entry.getName());
          write(root, target, tar, entry, archive);
        }
      }
    }
  }

  private static void write(
      Path root, Path target, InputStream content, TarArchiveEntry entry, Path archive)
      throws IOException {
    Files.deleteIfExists(target);
    if (entry.isSymbolicLink()) {
      Path pointed = target.resolveSibling(entry.getLinkName());
      inside(root, pointed, archive, entry.getName());
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Path other = inside(root, root.resolve(entry.getLinkName()), archive, entry.getName());
      Files.copy(inside(root, other.toRealPath(), archive, entry.getName()), target);
    } else if (entry.isFile()) {
      Files.copy(content, target);
      if ((entry.getMode() & EXECUTABLE) != 0) {
        boolean isSet = target.toFile().setExecutable(true, false);
        if (!isSet) {
          throw new IOException(target + " cannot be made executable");
        }
      }
    } else {
      throw new IOException(
          archive + " holds " + entry.getName() + ", which is neither file, folder nor link");
    }
  }

  private static Path inside(Path root, Path path, Path archive, String entry) throws IOException {
    Path normal = path.normalize();
    if (!normal.startsWith(root)) {
      throw new IOException(archive + " holds " + entry + ", which leads out of the code folder");
    }
    return normal;
  }
}
