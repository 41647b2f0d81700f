package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.artifact.FailureText;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** Files in and out of containers, running or not, through the engine alone. */
final class ContainerFiles {
  private static final int PIPE_BYTES = 1 << 20;
  private static final int TEXT_CHARACTERS = 1024;
  private static final int PUT_ATTEMPTS = 3;
  private static final int READ_ATTEMPTS = 3;

  private final EngineConnection connection;

  ContainerFiles(EngineConnection connection) {
    this.connection = connection;
  }

  /** Writes a tar archive. */
  interface Archive {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Unpacks an archive at the container's root. */
  void put(String container, Archive archive) throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        putOnce(container, archive);
        return;
      } catch (EngineAwayException e) {
        // An engine that refuses what it has not read breaks the connection off, too.
        connection.call(docker -> docker.pingCmd().exec());
        if (i == PUT_ATTEMPTS) {
          throw new IOException(
              "The Docker engine broke off while files were copied into the container (a full disk"
                  + " of its machine does that): "
                  + e.getMessage(),
              e);
        }
      }
    }
  }

  private void putOnce(String container, Archive archive) throws IOException, InterruptedException {
    PipedInputStream in = new PipedInputStream(PIPE_BYTES);
    PipedOutputStream out = new PipedOutputStream(in);
    FutureTask<Boolean> writing =
        new FutureTask<>(() -> {
          try (out) {
            archive.writeTo(out);
          }
          return true;
        });
    // Closed in this order: the reader's end first, which ends a writer that nobody reads from.
    try (Worker _ = Worker.start(container + " files", writing);
        in) {
      connection.stream(docker ->
          docker
              .copyArchiveToContainerCmd(container)
              .withRemotePath("/")
              .withTarInputStream(in)
              .exec());
    } catch (EngineException e) {
      // It refuses half an archive in words of its own; why it is half is the reason.
      if (writing.state() == Future.State.FAILED) {
        throw unreadable(writing.exceptionNow(), e);
      }
      throw e;
    }
    if (writing.state() == Future.State.FAILED) {
      throw unreadable(writing.exceptionNow(), null);
    }
  }

  private static IOException unreadable(Throwable failure, @Nullable EngineException refusal) {
    IOException unreadable =
        new IOException("Could not copy to the container: " + FailureText.of(failure), failure);
    if (refusal != null) {
      unreadable.addSuppressed(refusal);
    }
    return unreadable;
  }

  /** The folder's content as a tar stream, names beginning with {@code ./}. */
  Optional<InputStream> folder(String container, String path) throws IOException {
    try {
      return connection.whenThere(() -> open(container, path + "/."));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException(e.getMessage());
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** The first characters of a plain file; empty where there is none. */
  Optional<String> text(String container, String path) throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      Optional<InputStream> opened = connection.whenThere(() -> open(container, path));
      if (opened.isEmpty()) {
        return Optional.empty();
      }
      try (TarArchiveInputStream tar = new TarArchiveInputStream(opened.get())) {
        TarArchiveEntry entry = tar.getNextEntry();
        return entry == null || !entry.isFile() || entry.isSymbolicLink() || entry.isLink()
            ? Optional.empty()
            : Optional.of(head(tar));
      } catch (IOException e) {
        // An engine that goes away breaks its answer off; the file is there when it is back.
        if (i == READ_ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        var _ = connection.patiently(docker -> docker.pingCmd().exec());
      }
    }
  }

  private static String head(InputStream in) throws IOException {
    InputStreamReader reader = new InputStreamReader(in, StandardCharsets.UTF_8);
    char[] text = new char[TEXT_CHARACTERS];
    int length = 0;
    for (int n = 0; n >= 0 && length < text.length; ) {
      n = reader.read(text, length, text.length - length);
      length += Math.max(n, 0);
    }
    return new String(text, 0, length);
  }

  private Optional<InputStream> open(String container, String path) throws IOException {
    try {
      var response =
          connection.get(
              "/containers/"
                  + container
                  + "/archive?path="
                  + URLEncoder.encode(path, StandardCharsets.UTF_8));
      return Optional.of(
          new java.io.FilterInputStream(response.getBody()) {
            @Override
            public void close() {
              response.close();
            }
          });
    } catch (EngineException e) {
      if (!e.notFound()) {
        throw e;
      }
    }
    try {
      connection.call(docker -> docker.inspectContainerCmd(container).exec());
      return Optional.empty();
    } catch (EngineException e) {
      // Not the same as a folder that is not there: something was lost.
      throw e.notFound()
          ? new IOException("The container was removed from outside, with all that it had written")
          : e;
    }
  }
}
