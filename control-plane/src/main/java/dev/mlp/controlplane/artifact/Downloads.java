package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;

/** Reads objects from the store: a limited number at once, a large one in several parts. */
final class Downloads {
  private static final int BUFFER = 64 * 1024;

  private final ArtifactStore store;
  private final Semaphore permits;
  private final long partBytes;

  /**
   * @param parallel requests to the store at once, over all callers
   * @param partBytes an object larger than this is read in parts of this size
   */
  Downloads(ArtifactStore store, int parallel, long partBytes) {
    this.store = store;
    this.permits = new Semaphore(parallel);
    this.partBytes = partBytes;
  }

  /** The task within the limit on requests. */
  Parallel.Task limited(Parallel.Task task) {
    return () -> {
      permits.acquire();
      try {
        task.run();
      } finally {
        permits.release();
      }
    };
  }

  /** What is done with an object's bytes. */
  @FunctionalInterface
  interface Reader {
    void read(InputStream in) throws IOException;
  }

  /**
   * Hands the object's bytes over in order.
   *
   * @param moved told of bytes as they are read
   */
  void stream(StoredObject object, LongConsumer moved, Reader reader)
      throws IOException, InterruptedException {
    permits.acquire();
    try {
      if (object.size() == 0) {
        reader.read(InputStream.nullInputStream());
        return;
      }
      try (InputStream in = new Counted(store.read(object, 0, object.size()), moved)) {
        reader.read(in);
      }
    } finally {
      permits.release();
    }
  }

  /**
   * Reads the object into a new file, which has the object's size when this returns; what a failure
   * leaves is of no use.
   *
   * @throws ObjectChangedException where it is not the object that was listed any more
   */
  void file(StoredObject object, Path file, LongConsumer moved)
      throws IOException, InterruptedException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Parts of an object without an ETag could be parts of different ones.
      if (object.size() <= partBytes || object.etag().isEmpty()) {
        part(object, 0, object.size(), out, moved);
      } else {
        out.write(ByteBuffer.allocate(1), object.size() - 1);
        List<Parallel.Task> parts = new ArrayList<>();
        for (long offset = 0; offset < object.size(); offset += partBytes) {
          long from = offset;
          long length = Math.min(partBytes, object.size() - from);
          parts.add(() -> part(object, from, length, out, moved));
        }
        Parallel.run(parts);
      }
      if (out.size() != object.size()) {
        throw new IOException(
            "%s: %d bytes were written of %d"
                .formatted(object.address(), out.size(), object.size()));
      }
    }
  }

  private void part(
      StoredObject object, long offset, long length, FileChannel out, LongConsumer moved)
      throws IOException, InterruptedException {
    permits.acquire();
    try (InputStream in = new Counted(store.read(object, offset, length), moved)) {
      byte[] bytes = new byte[(int) Math.min(BUFFER, length + 1)];
      long at = 0;
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        if (at + n > length) {
          throw new IOException(object.address() + ": the store sent more than it was asked for");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, n);
        while (buffer.hasRemaining()) {
          at += out.write(buffer, offset + at);
        }
      }
      if (at != length) {
        throw new IOException("%s: got %d bytes of %d".formatted(object.address(), at, length));
      }
    } finally {
      permits.release();
    }
  }

  /** Counts, and ends at an interrupt even when the source would go on. */
  private static final class Counted extends FilterInputStream {
    private final LongConsumer moved;

    Counted(InputStream in, LongConsumer moved) {
      super(in);
      this.moved = moved;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while staging");
      }
      int n = in.read(buffer, offset, length);
      if (n > 0) {
        moved.accept(n);
      }
      return n;
    }
  }
}
