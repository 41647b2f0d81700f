package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Writes one gzip member, as large as {@code gzip} would make it and readable by all that read
 * gzip, compressed by several threads. What it writes depends on the data alone.
 *
 * <p>For one thread at a time. Without {@link #finish} the member stays incomplete, as it must when
 * the source fails; {@link #close} gives up what is not written yet, and leaves the target open. An
 * interrupt ends writing with an {@link InterruptedIOException}.
 */
final class ParallelGzip extends OutputStream {
  /** Magic, deflate, no flags, no time, nothing on the level, unknown system. */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

  /** Deflates a block. */
  @FunctionalInterface
  interface Deflating {
    void deflate(GzipBlock block, boolean last);
  }

  private record Pending(GzipBlock block, CompletableFuture<Void> deflated) {}

  private final OutputStream out;
  private final Compressors compressors;
  private final Deflating deflating;
  private final CRC32 checksum = new CRC32();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final Deque<GzipBlock> spare = new ArrayDeque<>();
  private @Nullable GzipBlock filling = new GzipBlock();
  private int taken;
  private long size;
  private volatile boolean closed;

  ParallelGzip(OutputStream out, Compressors compressors) throws IOException {
    this(out, compressors, GzipBlock::deflate);
  }

  ParallelGzip(OutputStream out, Compressors compressors, Deflating deflating) throws IOException {
    this.out = out;
    this.compressors = compressors;
    this.deflating = deflating;
    // The second block of its own; whatever is more comes from the stock.
    spare.add(new GzipBlock());
    out.write(HEADER);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    checksum.update(bytes, offset, length);
    size += length;
    int at = offset;
    int end = offset + length;
    while (at < end) {
      GzipBlock block = filling();
      at += block.fill(bytes, at, end - at);
      if (block.isFull()) {
        submit(block, false);
        filling = next(block);
      }
    }
  }

  /** Nothing: blocks are written when they are full. */
  @Override
  public void flush() {}

  /** Compresses and writes the rest; the target has the whole member then. */
  void finish() throws IOException {
    submit(filling(), true);
    filling = null;
    while (!pending.isEmpty()) {
      writeOldest();
    }
    out.write(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) checksum.getValue())
            .putInt((int) size)
            .array());
  }

  private GzipBlock filling() throws IOException {
    GzipBlock block = filling;
    if (block == null || closed) {
      throw new IOException("the gzip stream is at its end");
    }
    return block;
  }

  private void submit(GzipBlock block, boolean last) {
    pending.add(
        new Pending(
            block,
            compressors.submit(() -> {
              if (!closed) {
                deflating.deflate(block, last);
              }
            })));
  }

  /** A block to fill after this one. */
  private GzipBlock next(GzipBlock before) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
    while (!pending.isEmpty() && pending.element().deflated().isDone()) {
      writeOldest();
    }
    if (spare.isEmpty() && compressors.tryTake()) {
      taken++;
      spare.add(new GzipBlock());
    }
    while (spare.isEmpty()) {
      writeOldest();
    }
    GzipBlock block = spare.remove();
    block.follow(before);
    return block;
  }

  private void writeOldest() throws IOException {
    Pending oldest = pending.element();
    try {
      oldest.deflated().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new IOException("cannot compress: " + FailureText.of(cause), cause);
    }
    pending.remove();
    oldest.block().writeTo(out);
    spare.add(oldest.block());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      compressors.giveBack(taken);
    }
  }
}
