package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a tar archive of unknown origin into an empty folder.
 *
 * <p>Symbolic links are made last, when all else is written: so no entry can be written through
 * one, and each can be checked against what is really there.
 */
final class TarUnpacker {
  private static final int GZIP_MAGIC_0 = 0x1f;
  private static final int GZIP_MAGIC_1 = 0x8b;
  private static final int BUFFER = 64 * 1024;

  private record Link(String entry, Path path, String target) {}

  private final String name;
  private final Path root;
  private final List<Link> links = new ArrayList<>();

  private TarUnpacker(String name, Path root) {
    this.name = name;
    this.root = root;
  }

  /**
   * @param name of the archive, for messages
   * @throws StagingException where the archive is at fault; what the stream itself throws passes
   */
  static void unpack(String name, InputStream archive, Path root) throws IOException {
    Source source = new Source(archive);
    TarUnpacker unpacker = new TarUnpacker(name, root);
    try {
      unpacker.unpack(new BufferedInputStream(source, BUFFER));
    } catch (StagingException | FileSystemException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      if (source.failure != null) {
        throw source.failure;
      }
      if (String.valueOf(e.getMessage()).contains("No space left on device")) {
        throw e; // Writing a file, not reading the archive: the caller names the disk.
      }
      throw unpacker.bad("is damaged, or no tar archive (" + e.getMessage() + ")", e);
    }
  }

  private void unpack(BufferedInputStream in) throws IOException {
    in.mark(2);
    int first = in.read();
    int second = in.read();
    in.reset();
    if (first < 0) {
      throw bad("is empty", null);
    }
    boolean gzip = first == GZIP_MAGIC_0 && second == GZIP_MAGIC_1;
    BufferedInputStream plain =
        gzip ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
    checkFirstHeader(plain);
    // Not closed: the stream is the caller's.
    @SuppressWarnings("resource")
    TarArchiveInputStream tar = new TarArchiveInputStream(plain, StandardCharsets.UTF_8.name());
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      unpack(tar, entry);
    }
    // To the very end, so that gzip's checksum is looked at.
    plain.transferTo(OutputStream.nullOutputStream());
    for (Link link : links) {
      Files.createSymbolicLink(link.path(), Path.of(link.target()));
    }
    for (Link link : links) {
      checkLeadsInside(link);
    }
  }

  /** What is no tar archive may otherwise pass for an empty one. */
  private void checkFirstHeader(BufferedInputStream plain) throws IOException {
    plain.mark(TarConstants.DEFAULT_RCDSIZE);
    byte[] header = plain.readNBytes(TarConstants.DEFAULT_RCDSIZE);
    plain.reset();
    boolean end = Arrays.equals(header, new byte[TarConstants.DEFAULT_RCDSIZE]);
    if (!end
        && (header.length < TarConstants.DEFAULT_RCDSIZE || !TarUtils.verifyCheckSum(header))) {
      throw bad("is no tar archive", null);
    }
  }

  private void unpack(TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
    Path path = inside(entry.getName(), entry.getName());
    if (entry.isDirectory()) {
      makeFolder(path, entry.getName());
      return;
    }
    if (path.equals(root)) {
      throw bad("has an entry \"" + entry.getName() + "\" that is the folder itself", null);
    }
    if (path.getParent() != null) {
      makeFolder(path.getParent(), entry.getName());
    }
    if (entry.isSymbolicLink()) {
      remove(path, entry.getName());
      links.removeIf(link -> link.path().equals(path));
      links.add(new Link(entry.getName(), path, linkTarget(entry, path)));
      return;
    }
    links.removeIf(link -> link.path().equals(path));
    if (entry.isLink()) {
      Path target = inside(entry.getLinkName(), entry.getName());
      if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
        throw bad(
            "has a link \"%s\" to \"%s\", which is no file before it"
                .formatted(entry.getName(), entry.getLinkName()),
            null);
      }
      remove(path, entry.getName());
      Files.createLink(path, target);
      return;
    }
    if (!entry.isFile() || !isOrdinary(entry)) {
      throw bad("has \"" + entry.getName() + "\", which is neither file, folder nor link", null);
    }
    remove(path, entry.getName());
    try (OutputStream out = Files.newOutputStream(path)) {
      tar.transferTo(out);
    }
    Files.setPosixFilePermissions(path, permissions(entry.getMode()));
  }

  /** {@link TarArchiveEntry#isFile} also says yes to types that it does not know. */
  private static boolean isOrdinary(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_NORMAL,
          TarConstants.LF_OLDNORM,
          TarConstants.LF_CONTIG,
          TarConstants.LF_GNUTYPE_SPARSE ->
          true;
      default -> false;
    };
  }

  private Path inside(String path, String entry) throws StagingException {
    boolean climbs = List.of(path.split("/")).contains("..");
    if (path.isEmpty() || path.startsWith("/") || climbs || path.indexOf('\0') >= 0) {
      throw bad("has an entry \"" + entry + "\" that leads out of its folder", null);
    }
    return root.resolve(path).normalize();
  }

  private void makeFolder(Path folder, String entry) throws IOException {
    for (Path at = folder; !at.equals(root); at = parent(at)) {
      Path path = at;
      boolean throughLink = links.stream().anyMatch(link -> link.path().equals(path));
      if (throughLink
          || (Files.exists(at, LinkOption.NOFOLLOW_LINKS)
              && !Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS))) {
        throw bad("has \"" + entry + "\" below an entry that is no folder", null);
      }
    }
    Files.createDirectories(folder);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
  }

  /** A later entry of the same name replaces the earlier one, as tar itself does. */
  private void remove(Path path, String entry) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw bad("has \"" + entry + "\" both as a folder and as something else", null);
    }
    Files.deleteIfExists(path);
  }

  private String linkTarget(TarArchiveEntry entry, Path path) throws StagingException {
    String target = entry.getLinkName();
    if (target.isEmpty()
        || target.startsWith("/")
        || !parent(path).resolve(target).normalize().startsWith(root)) {
      throw leadsOut(entry.getName(), target);
    }
    return target;
  }

  /** Where links lead through other links, only the file system can tell. */
  private void checkLeadsInside(Link link) throws IOException {
    try {
      if (!link.path().toRealPath().startsWith(root.toRealPath())) {
        throw leadsOut(link.entry(), link.target());
      }
    } catch (NoSuchFileException e) {
      // Leads nowhere; by its text it would lead inside. Harmless only while nothing in its path is
      // a link that leads elsewhere, which the checks of those links have established.
    } catch (FileSystemException e) {
      throw bad("has a link \"" + link.entry() + "\" that leads in a circle", e);
    }
  }

  private StagingException leadsOut(String entry, String target) {
    return bad("has a link \"%s\" to \"%s\", outside its folder".formatted(entry, target), null);
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    PosixFilePermission[] byBit = {
      PosixFilePermission.OTHERS_EXECUTE,
      PosixFilePermission.OTHERS_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.GROUP_EXECUTE,
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.GROUP_READ,
      PosixFilePermission.OWNER_EXECUTE
    };
    for (int bit = 0; bit < byBit.length; bit++) {
      if ((mode & 1 << bit) != 0) {
        permissions.add(byBit[bit]);
      }
    }
    return permissions;
  }

  private StagingException bad(String what, @Nullable Exception cause) {
    String message = "The archive \"" + name + "\" " + what;
    return cause == null
        ? new StagingException(Problem.BAD_ARCHIVE, message)
        : new StagingException(Problem.BAD_ARCHIVE, message, cause);
  }

  /** Remembers that reading itself failed, which says nothing about the archive. */
  private static final class Source extends FilterInputStream {
    private @Nullable IOException failure;

    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
