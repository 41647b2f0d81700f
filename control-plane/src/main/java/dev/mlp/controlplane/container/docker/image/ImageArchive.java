package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A tar archive whose entries all belong to root, at times of whole seconds. */
final class ImageArchive implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final FileTime EPOCH = FileTime.fromMillis(0);

  private final TarArchiveOutputStream tar;

  ImageArchive(OutputStream out) {
    tar = new TarArchiveOutputStream(new BufferedOutputStream(out, BUFFER), UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  void text(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(UTF_8);
    TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, 0644, EPOCH);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  /** A file with its time, to the second: AOT caches and Python's compiled files compare it. */
  void file(String name, Path file, int mode) throws IOException {
    FileTime time =
        FileTime.from(Files.getLastModifiedTime(file).to(TimeUnit.SECONDS), TimeUnit.SECONDS);
    TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, mode, time);
    entry.setSize(Files.size(file));
    tar.putArchiveEntry(entry);
    Files.copy(file, tar);
    tar.closeArchiveEntry();
  }

  void folder(String name, int mode) throws IOException {
    tar.putArchiveEntry(entry(name + "/", TarConstants.LF_DIR, mode, EPOCH));
    tar.closeArchiveEntry();
  }

  void link(String name, String target) throws IOException {
    TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, 0777, EPOCH);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private static TarArchiveEntry entry(String name, byte type, int mode, FileTime time) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setMode(mode);
    entry.setModTime(time);
    entry.setIds(0, 0);
    entry.setNames("root", "root");
    return entry;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
