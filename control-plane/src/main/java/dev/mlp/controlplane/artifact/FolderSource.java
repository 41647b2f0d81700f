package dev.mlp.controlplane.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Where the entries of a folder come from. Each use reads it anew. */
sealed interface FolderSource {
  /** For messages. */
  String name();

  /** The sum of its files' sizes, where it can be told beforehand. */
  OptionalLong bytes() throws IOException;

  /** Adds all entries; none where the folder is absent. */
  void into(ArtifactTar tar) throws IOException;

  static FolderSource of(OutputFolder folder) {
    return switch (folder) {
      case OutputFolder.OnDisk(Path path) -> new Disk(path);
      case OutputFolder.AsTar(OutputFolder.Opener opener) -> new Tar(opener);
    };
  }

  /** A folder of this machine. */
  record Disk(Path folder) implements FolderSource {
    private interface Visit {
      void visit(Path path, BasicFileAttributes attributes) throws IOException;
    }

    @Override
    public String name() {
      return folder.toString();
    }

    @Override
    public OptionalLong bytes() throws IOException {
      long[] total = {0};
      Set<Object> seen = new HashSet<>();
      walk((path, attributes) -> {
        if (attributes.isRegularFile() && seen.add(attributes.fileKey())) {
          total[0] += attributes.size();
        }
      });
      return OptionalLong.of(total[0]);
    }

    @Override
    public void into(ArtifactTar tar) throws IOException {
      Map<Object, String> names = new HashMap<>();
      walk((path, attributes) -> {
        String name = folder.relativize(path).toString();
        if (attributes.isSymbolicLink()) {
          tar.symbolicLink(
              name, Files.readSymbolicLink(path).toString(), attributes.lastModifiedTime());
        } else if (attributes.isDirectory()) {
          tar.folder(name, attributes.lastModifiedTime(), permissions(path));
        } else if (attributes.isRegularFile()) {
          String earlier = names.putIfAbsent(attributes.fileKey(), name);
          if (earlier == null) {
            file(tar, path, name, attributes);
          } else {
            tar.hardLink(name, earlier, attributes.lastModifiedTime());
          }
        } else {
          tar.other(name);
        }
      });
    }

    private static void file(
        ArtifactTar tar, Path path, String name, BasicFileAttributes attributes)
        throws IOException {
      try (InputStream content = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
        tar.file(
            name, attributes.size(), attributes.lastModifiedTime(), permissions(path), content);
      }
    }

    private static int permissions(Path path) throws IOException {
      Set<PosixFilePermission> permissions =
          Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
      int mode = 0;
      String bits = PosixFilePermissions.toString(permissions);
      for (int i = 0; i < bits.length(); i++) {
        if (bits.charAt(i) != '-') {
          mode |= 1 << (bits.length() - 1 - i);
        }
      }
      return mode;
    }

    private void walk(Visit visit) throws IOException {
      if (!Files.isDirectory(folder)) {
        return;
      }
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
                throws IOException {
              visit(path, attributes);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
                throws IOException {
              visit(path, attributes);
              return FileVisitResult.CONTINUE;
            }

            private void visit(Path path, BasicFileAttributes attributes) throws IOException {
              if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while collecting " + folder);
              }
              if (!path.equals(folder)) {
                visit.visit(path, attributes);
              }
            }
          });
    }
  }

  /** A folder as a container engine gives it out. */
  record Tar(OutputFolder.Opener opener) implements FolderSource {
    @Override
    public String name() {
      return "a container's folder";
    }

    @Override
    public OptionalLong bytes() {
      return OptionalLong.empty();
    }

    @Override
    public void into(ArtifactTar tar) throws IOException {
      Optional<InputStream> opened = opener.open();
      if (opened.isEmpty()) {
        return;
      }
      try (InputStream stream = new Interruptible(opened.get());
          TarArchiveInputStream entries =
              new TarArchiveInputStream(stream, StandardCharsets.UTF_8.name())) {
        for (TarArchiveEntry entry = entries.getNextEntry();
            entry != null;
            entry = entries.getNextEntry()) {
          add(tar, entry, entries);
        }
        // To the very end, where a source that failed may say so.
        stream.transferTo(OutputStream.nullOutputStream());
      } catch (IllegalArgumentException e) {
        throw new IOException("no tar archive: " + e.getMessage(), e);
      }
    }

    private static void add(ArtifactTar tar, TarArchiveEntry entry, InputStream content)
        throws IOException {
      String name = entry.getName();
      if (entry.isSymbolicLink()) {
        tar.symbolicLink(name, entry.getLinkName(), entry.getLastModifiedTime());
      } else if (entry.isLink()) {
        tar.hardLink(name, entry.getLinkName(), entry.getLastModifiedTime());
      } else if (entry.isDirectory()) {
        tar.folder(name, entry.getLastModifiedTime(), entry.getMode());
      } else if (isFile(entry)) {
        tar.file(name, entry.getRealSize(), entry.getLastModifiedTime(), entry.getMode(), content);
      } else {
        tar.other(name);
      }
    }

    /** {@link TarArchiveEntry#isFile} also says yes to types that it does not know. */
    private static boolean isFile(TarArchiveEntry entry) {
      return switch (entry.getLinkFlag()) {
        case TarConstants.LF_NORMAL,
            TarConstants.LF_OLDNORM,
            TarConstants.LF_CONTIG,
            TarConstants.LF_GNUTYPE_SPARSE ->
            true;
        default -> false;
      };
    }
  }

  /** Ends at an interrupt even when the source would go on. */
  final class Interruptible extends FilterInputStream {
    Interruptible(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while collecting");
      }
      return in.read(buffer, offset, length);
    }
  }
}
