package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * A part of a stream that is deflated by itself, with the end of the part before it as its
 * dictionary: deflated parts follow one another without a seam, and hardly larger than the whole.
 *
 * <p>Filled by one thread, then deflated by another, then written and filled anew by the first.
 */
final class GzipBlock {
  private static final int SEGMENT = 64 * 1024;
  private static final int WINDOW = RepeatScan.WINDOW;

  /** With the window and the array's header just below 1 MiB, which is one region of the heap. */
  static final int CAPACITY = 15 * SEGMENT;

  /** gzip's own default; 5 came out up to 3.2 % larger (a shared library). */
  private static final int LEVEL = 6;

  /** The dictionary, which ends at {@link #WINDOW}, and what is to be deflated. */
  private final byte[] input = new byte[WINDOW + CAPACITY];

  private final RepeatScan scan = new RepeatScan();
  private int dictionary;
  private int size;
  private byte[] output = new byte[CAPACITY + SEGMENT / 2];
  private int outputSize;

  /** Empties it, to go on where {@code before} ends. */
  void follow(GzipBlock before) {
    // A block that is not the last one is full, and longer than the window.
    System.arraycopy(before.input, before.input.length - WINDOW, input, 0, WINDOW);
    dictionary = WINDOW;
    size = 0;
  }

  /** Takes as much as there is room for; returns how much. */
  int fill(byte[] bytes, int offset, int length) {
    int taken = Math.min(length, CAPACITY - size);
    System.arraycopy(bytes, offset, input, WINDOW + size, taken);
    size += taken;
    return taken;
  }

  boolean isFull() {
    return size == CAPACITY;
  }

  /**
   * Deflates what it holds.
   *
   * @param last whether the stream ends with it
   */
  void deflate(boolean last) {
    boolean[] repeats = repeats();
    outputSize = 0;
    Deflater deflater = new Deflater(LEVEL, true);
    try {
      if (dictionary > 0) {
        deflater.setDictionary(input, WINDOW - dictionary, dictionary);
      }
      for (int i = 0; i < repeats.length; i++) {
        deflater.setStrategy(repeats[i] ? Deflater.DEFAULT_STRATEGY : Deflater.HUFFMAN_ONLY);
        // The new strategy begins here; with input at hand that input would go by the old one.
        drain(deflater, Deflater.NO_FLUSH);
        // By segments: the heap's collector may have to wait while an array is lent to zlib.
        deflater.setInput(input, WINDOW + i * SEGMENT, Math.min(SEGMENT, size - i * SEGMENT));
        drain(deflater, Deflater.NO_FLUSH);
      }
      if (last) {
        deflater.finish();
      }
      drain(deflater, Deflater.SYNC_FLUSH);
    } finally {
      deflater.end();
    }
  }

  /** Which segments are worth a search for repetitions: also those that the next one repeats. */
  private boolean[] repeats() {
    int begin = WINDOW - dictionary;
    int end = WINDOW + size;
    boolean[] repeats = new boolean[(size + SEGMENT - 1) / SEGMENT];
    scan.reset(begin);
    for (int i = 0; i < repeats.length; i++) {
      int from = WINDOW + i * SEGMENT;
      repeats[i] = scan.repeats(input, from, Math.min(end, from + SEGMENT));
      if (i > 0 && repeats[i]) {
        repeats[i - 1] = true;
      }
    }
    return repeats;
  }

  private void drain(Deflater deflater, int flush) {
    do {
      if (outputSize == output.length) {
        output = Arrays.copyOf(output, output.length * 2);
      }
      outputSize += deflater.deflate(output, outputSize, output.length - outputSize, flush);
    } while (outputSize == output.length || !deflater.needsInput());
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(output, 0, outputSize);
  }
}
