package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Stores folders as {@code .tar.gz}, compressed by all processors. Blocks; safe for any number of
 * threads. An interrupt ends it with an {@link InterruptedIOException}; collecting again begins
 * anew and replaces the object.
 */
public final class Collecting {
  private final ArtifactStore store;
  private final Compressors compressors;

  public Collecting(ArtifactStore store) {
    this(store, Compressors.forThisMachine());
  }

  Collecting(ArtifactStore store, Compressors compressors) {
    this.store = store;
    this.compressors = compressors;
  }

  /**
   * Packs the folder's content and stores it.
   *
   * <p>Symbolic links stay links, further names of a file become hard links; links that lead out of
   * the folder are left out with a warning, as are sockets, pipes and devices, and entries of a tar
   * stream whose names lead out of the folder.
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
    try {
      FolderSource source = FolderSource.of(output);
      Transfer transfer = new Transfer(1, source.bytes(), progress);
      boolean empty = pack(source, temporary, transfer);
      if (empty && !evenEmpty) {
        return false;
      }
      store.write(destination, temporary);
      transfer.objectDone();
      return true;
    } catch (IOException e) {
      throw interrupted(e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Whether there was nothing to pack. */
  private boolean pack(FolderSource source, Path archive, Transfer transfer) throws IOException {
    try (OutputStream file = Files.newOutputStream(archive);
        ParallelGzip gzip = new ParallelGzip(file, compressors)) {
      ArtifactTar tar = new ArtifactTar(source.name(), gzip, transfer);
      source.into(tar);
      tar.finish();
      gzip.finish();
      return tar.isEmpty();
    }
  }

  /** Channels and sockets have exceptions of their own for it. */
  private static IOException interrupted(IOException e) {
    if (e instanceof InterruptedIOException || !Thread.currentThread().isInterrupted()) {
      return e;
    }
    InterruptedIOException interrupted = new InterruptedIOException("interrupted while collecting");
    interrupted.initCause(e);
    return interrupted;
  }
}
