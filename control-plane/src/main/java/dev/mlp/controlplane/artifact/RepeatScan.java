package dev.mlp.controlplane.artifact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Tells whether data repeats itself within deflate's window. Most weights do not: looking for
 * repetitions is then nine tenths of deflate's work and shortens nothing. This look costs a tenth
 * of that, and errs by 1.6 % of the size at most.
 *
 * <p>Not for several threads at once.
 */
final class RepeatScan {
  /** How far back deflate can refer. */
  static final int WINDOW = 32 * 1024;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int HASH_BITS = 15;
  private static final int SHORTEST_MATCH = 4;
  private static final int LONGEST_MATCH = 258;

  /** What a reference takes: a code for the length, one for the distance, its further bits. */
  private static final int REFERENCE_BITS = 24;

  /** Savings of less than this part of the data are none. */
  private static final int LEAST_SAVING = 64;

  /** Where a sequence of four bytes was last seen, by its hash. */
  private final int[] lastSeen = new int[1 << HASH_BITS];

  private int begin;
  private int seenTo;

  /** New data: ranges will follow one another, the first with what lies from {@code begin} on. */
  void reset(int begin) {
    this.begin = begin;
    this.seenTo = begin;
    Arrays.fill(lastSeen, -1);
  }

  /** Whether references would shorten the range worth mentioning. */
  boolean repeats(byte[] data, int from, int to) {
    int last = to - SHORTEST_MATCH;
    for (int i = Math.max(seenTo, from - WINDOW); i < Math.min(from, last + 1); i++) {
      lastSeen[hash((int) INT.get(data, i))] = i;
    }
    long enough = (long) (to - from) * Byte.SIZE / LEAST_SAVING;
    long saved = 0;
    int i = from;
    while (i <= last) {
      int value = (int) INT.get(data, i);
      int hash = hash(value);
      int earlier = lastSeen[hash];
      lastSeen[hash] = i;
      if (earlier >= begin && i - earlier <= WINDOW && (int) INT.get(data, earlier) == value) {
        int length = SHORTEST_MATCH;
        int longest = Math.min(LONGEST_MATCH, to - i);
        while (length < longest && data[earlier + length] == data[i + length]) {
          length++;
        }
        saved += (long) length * Byte.SIZE - REFERENCE_BITS;
        if (saved > enough) {
          seenTo = i;
          return true;
        }
        i += length;
      } else {
        i++;
      }
    }
    seenTo = to;
    return false;
  }

  private static int hash(int value) {
    return (value * 0x9E3779B1) >>> (Integer.SIZE - HASH_BITS);
  }
}
