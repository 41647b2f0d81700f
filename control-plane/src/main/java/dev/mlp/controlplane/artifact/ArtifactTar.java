package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tar archive of a folder, wherever its entries come from: files, folders and links that stay
 * inside. What else there is, is left out with a warning. Owners say nothing on another machine and
 * become 0.
 *
 * <p>Names are taken as relative to the folder and brought into their shortest form.
 */
final class ArtifactTar {
  private static final Logger logger = LoggerFactory.getLogger(ArtifactTar.class);
  private static final int NOBODY = 0;
  private static final int FOLDER_TYPE = 040000;
  private static final int FILE_TYPE = 0100000;
  private static final int PERMISSIONS = 0777;
  private static final int BUFFER = 128 * 1024;

  /** Of what, for messages. */
  private final String folder;

  private final TarArchiveOutputStream tar;
  private final Transfer transfer;
  private final byte[] buffer = new byte[BUFFER];
  private final Set<String> files = new HashSet<>();
  private boolean empty = true;

  ArtifactTar(String folder, OutputStream out, Transfer transfer) {
    this.folder = folder;
    this.transfer = transfer;
    this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  /** Whether the folder has no entries at all, not even such as are left out. */
  boolean isEmpty() {
    return empty;
  }

  /** A folder; the one that is archived itself has no entry. */
  void folder(String path, FileTime modified, int permissions) throws IOException {
    Optional<String> name = inside(path);
    if (name.isPresent() && name.get().isEmpty()) {
      return;
    }
    empty = false;
    if (name.isEmpty()) {
      leaveOut(path, "its name leads out of the folder");
      return;
    }
    TarArchiveEntry entry = new TarArchiveEntry(name.get() + "/");
    entry.setMode(FOLDER_TYPE | (permissions & PERMISSIONS));
    put(entry, modified);
    tar.closeArchiveEntry();
  }

  /** A symbolic link. */
  void symbolicLink(String path, String target, FileTime modified) throws IOException {
    empty = false;
    Optional<String> name = entryName(path);
    if (name.isEmpty()) {
      return;
    }
    int parent = name.get().lastIndexOf('/');
    if (target.isEmpty()
        || target.startsWith("/")
        || inside(name.get().substring(0, parent + 1) + target).isEmpty()) {
      leaveOut(path, "it links to " + target + ", outside");
      return;
    }
    TarArchiveEntry entry = new TarArchiveEntry(name.get(), TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    put(entry, modified);
    tar.closeArchiveEntry();
  }

  /** One more name of a file that was added before. */
  void hardLink(String path, String target, FileTime modified) throws IOException {
    empty = false;
    Optional<String> name = entryName(path);
    if (name.isEmpty()) {
      return;
    }
    Optional<String> file = inside(target).filter(files::contains);
    if (file.isEmpty()) {
      leaveOut(path, "it is a hard link to " + target + ", which is no file before it");
      return;
    }
    TarArchiveEntry entry = new TarArchiveEntry(name.get(), TarConstants.LF_LINK);
    entry.setLinkName(file.get());
    put(entry, modified);
    tar.closeArchiveEntry();
    files.add(name.get());
  }

  /**
   * A regular file.
   *
   * @throws IOException also where the content has fewer bytes than {@code size}; more are ignored
   */
  void file(String path, long size, FileTime modified, int permissions, InputStream content)
      throws IOException {
    empty = false;
    Optional<String> name = entryName(path);
    if (name.isEmpty()) {
      return;
    }
    TarArchiveEntry entry = new TarArchiveEntry(name.get());
    entry.setSize(size);
    entry.setMode(FILE_TYPE | (permissions & PERMISSIONS));
    put(entry, modified);
    long left = size;
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new IOException(
            "%s: \"%s\" became shorter while it was collected".formatted(folder, path));
      }
      tar.write(buffer, 0, count);
      transfer.moved(count);
      left -= count;
    }
    tar.closeArchiveEntry();
    files.add(name.get());
  }

  /** Something that is neither file, folder nor link. */
  void other(String path) {
    empty = false;
    leaveOut(path, "it is neither file, folder nor link");
  }

  /** Ends the archive; the stream stays open. */
  void finish() throws IOException {
    tar.finish();
  }

  private void put(TarArchiveEntry entry, FileTime modified) throws IOException {
    entry.setIds(NOBODY, NOBODY);
    entry.setModTime(modified);
    tar.putArchiveEntry(entry);
  }

  private Optional<String> entryName(String path) {
    Optional<String> name = inside(path).filter(found -> !found.isEmpty());
    if (name.isEmpty()) {
      leaveOut(path, "its name leads out of the folder");
    }
    return name;
  }

  private void leaveOut(String path, String reason) {
    logger.warn("{}: \"{}\" is left out: {}", folder, path, reason);
  }

  /** The shortest form, empty text for the folder itself; nothing where it leads out of it. */
  private static Optional<String> inside(String path) {
    if (path.startsWith("/") || path.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        if (parts.isEmpty()) {
          return Optional.empty();
        }
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return Optional.of(String.join("/", parts));
  }
}
