package dev.mlp.sdk;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes gzipped tar archives that depend on names and contents alone: no times, no owners, no
 * umask. The same folder gives the same bytes on every machine, so an artifact can be compared and
 * cached by its hash. Entries must come in sorted order.
 */
final class TarGz implements Closeable {
  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;

  private final TarArchiveOutputStream tar;

  TarGz(Path target) throws IOException {
    OutputStream gzip =
        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(target)));
    tar = new TarArchiveOutputStream(gzip, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  void add(String name, long size, boolean executable, InputStream content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(executable ? EXECUTABLE : PLAIN);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
    content.transferTo(tar);
    tar.closeArchiveEntry();
  }

  void add(String name, Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      add(name, Files.size(file), Files.isExecutable(file), content);
    }
  }

  /**
   * The regular files below {@code root} (links followed), by their name relative to it, sorted.
   */
  static Map<String, Path> files(Path root) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      walk.filter(Files::isRegularFile)
          .forEach(file ->
              files.put(
                  root.relativize(file)
                      .toString()
                      .replace(root.getFileSystem().getSeparator(), "/"),
                  file));
    }
    return files;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
