package dev.mlp.controlplane.container.docker.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** An archive that is written while the engine reads it: no copy of it lies anywhere. */
final class Upload implements AutoCloseable {
  /** Writes an archive. */
  interface Writer {
    void write(OutputStream out) throws IOException;
  }

  private final InputStream in;
  private final Thread thread;
  private volatile @Nullable IOException failure;

  private Upload(InputStream in, OutputStream out, Writer writer) {
    this.in = in;
    this.thread =
        Thread.ofPlatform()
            .name("image-upload")
            .daemon()
            .unstarted(() -> {
              try (out) {
                writer.write(out);
              } catch (IOException e) {
                failure = e;
              }
            });
  }

  /**
   * @param written told the bytes so far, now and then
   */
  static Upload start(Writer writer, LongConsumer written) throws IOException {
    Pipe pipe = Pipe.open();
    Upload upload =
        new Upload(
            Channels.newInputStream(pipe.source()),
            new Counting(Channels.newOutputStream(pipe.sink()), written),
            writer);
    upload.thread.start();
    return upload;
  }

  InputStream in() {
    return in;
  }

  /** Why the archive ended before its time; the engine only knows that it did. */
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Ends the writer, whether it is done or not. */
  @Override
  public void close() throws IOException {
    in.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Counting extends FilterOutputStream {
    private static final long TOLD_EVERY = 4 << 20;

    private final LongConsumer written;
    private long bytes;
    private long told;

    Counting(OutputStream out, LongConsumer written) {
      super(out);
      this.written = written;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      out.write(buffer, offset, length);
      bytes += length;
      if (bytes - told >= TOLD_EVERY) {
        told = bytes;
        written.accept(bytes);
      }
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      bytes++;
    }
  }
}
