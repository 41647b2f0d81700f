package dev.mlp.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Puts files into a bucket: small ones eight at a time, large ones in parts (a single PUT ends at 5
 * GiB).
 */
final class Uploader {
  static final long PART_SIZE = 64L << 20;
  private static final int MOST_PARTS = 10_000;
  private static final int AT_ONCE = 8;
  private static final String OCTETS = "application/octet-stream";

  private final S3Client s3;
  private final long partSize;

  Uploader(S3Client s3) {
    this(s3, PART_SIZE);
  }

  Uploader(S3Client s3, long partSize) {
    this.s3 = s3;
    this.partSize = partSize;
  }

  /**
   * Uploads each file to its address, or fails with the first failure after the others have ended.
   *
   * @param name what the listener hears
   */
  void upload(String name, Map<S3Uri, Path> files, TransferListener listener) {
    Progress progress = new Progress(name, total(files), files.size(), listener);
    if (files.size() == 1) {
      files.forEach((target, file) -> put(target, file, progress));
      return;
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> running = new ArrayList<>();
      files.forEach(
          (target, file) -> running.add(threads.submit(() -> put(target, file, progress))));
      for (Future<?> each : running) {
        await(each, name, threads);
      }
    }
  }

  private static void await(Future<?> upload, String name, ExecutorService threads) {
    try {
      upload.get();
    } catch (ExecutionException e) {
      threads.shutdownNow();
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
      throw new WaitInterruptedException("the upload of " + name, e);
    }
  }

  private static long total(Map<S3Uri, Path> files) {
    try {
      long total = 0;
      for (Path file : files.values()) {
        total += Files.size(file);
      }
      return total;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void put(S3Uri target, Path file, Progress progress) {
    try {
      long size = Files.size(file);
      if (size <= partSize) {
        s3.putObject(
            request -> request.bucket(target.bucket()).key(target.key()),
            body(new Slice(file, 0, size, progress.newShare())));
      } else {
        putInParts(target, file, size, progress);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
    progress.fileDone();
  }

  private void putInParts(S3Uri target, Path file, long size, Progress progress) {
    String upload =
        s3.createMultipartUpload(r -> r.bucket(target.bucket()).key(target.key())).uploadId();
    try {
      long length = Math.max(partSize, (size + MOST_PARTS - 1) / MOST_PARTS);
      List<CompletedPart> parts = new ArrayList<>();
      for (long offset = 0; offset < size; offset += length) {
        int number = parts.size() + 1;
        Slice slice = new Slice(file, offset, Math.min(length, size - offset), progress.newShare());
        String tag =
            s3.uploadPart(
                    r ->
                        r.bucket(target.bucket())
                            .key(target.key())
                            .uploadId(upload)
                            .partNumber(number),
                    body(slice))
                .eTag();
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
      }
      s3.completeMultipartUpload(r ->
          r.bucket(target.bucket())
              .key(target.key())
              .uploadId(upload)
              .multipartUpload(m -> m.parts(parts)));
    } catch (RuntimeException e) {
      // Parts of an upload that never ends are stored, and paid for, without being seen.
      try {
        s3.abortMultipartUpload(r -> r.bucket(target.bucket()).key(target.key()).uploadId(upload));
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  private static RequestBody body(Slice slice) {
    return RequestBody.fromContentProvider(slice, slice.length(), OCTETS);
  }

  /** A part of a file that can be read again when a request is sent again. */
  private record Slice(Path file, long offset, long length, LongConsumer sent)
      implements ContentStreamProvider {
    @Override
    public InputStream newStream() {
      try {
        SeekableByteChannel channel = Files.newByteChannel(file);
        channel.position(offset);
        return new Counting(Channels.newInputStream(channel), length, sent);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
      }
    }
  }

  /** Ends after {@code length} bytes and tells how far it is. */
  private static final class Counting extends InputStream {
    private final InputStream in;
    private final long length;
    private final LongConsumer sent;
    private long position;

    Counting(InputStream in, long length, LongConsumer sent) {
      this.in = in;
      this.length = length;
      this.sent = sent;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int count) throws IOException {
      if (position >= length) {
        return -1;
      }
      int read = in.read(buffer, from, (int) Math.min(count, length - position));
      if (read > 0) {
        position += read;
        sent.accept(position);
      }
      return read;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /**
   * Adds up what the threads send. A body read twice (for its signature, for a retry) counts once.
   */
  private static final class Progress {
    private final Object lock = new Object();
    private final String name;
    private final long totalBytes;
    private final int totalFiles;
    private final TransferListener listener;
    private long bytes;
    private int files;

    Progress(String name, long totalBytes, int totalFiles, TransferListener listener) {
      this.name = name;
      this.totalBytes = totalBytes;
      this.totalFiles = totalFiles;
      this.listener = listener;
    }

    LongConsumer newShare() {
      return new LongConsumer() {
        private long furthest;

        @Override
        public void accept(long position) {
          synchronized (lock) {
            if (position > furthest) {
              bytes += position - furthest;
              furthest = position;
              tell();
            }
          }
        }
      };
    }

    void fileDone() {
      synchronized (lock) {
        files++;
        tell();
      }
    }

    private void tell() {
      listener.progress(new TransferListener.Transfer(name, bytes, totalBytes, files, totalFiles));
    }
  }
}
