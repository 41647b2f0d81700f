package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class ParallelGzipTest {
  private static final int BLOCK = GzipBlock.CAPACITY;
  private static final Compressors COMPRESSORS = new Compressors(3, Duration.ofMillis(50));

  /** What artifacts are made of. */
  enum Content {
    WEIGHTS {
      @Override
      byte[] bytes(int size, Random random) {
        ByteBuffer bytes = ByteBuffer.allocate(size + Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.position() < size) {
          bytes.putFloat((float) (random.nextGaussian() * 0.05));
        }
        return Arrays.copyOf(bytes.array(), size);
      }
    },
    HALF_WEIGHTS {
      @Override
      byte[] bytes(int size, Random random) {
        ByteBuffer bytes = ByteBuffer.allocate(size + Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.position() < size) {
          float weight = (float) (random.nextGaussian() * 0.05);
          bytes.putShort((short) (Float.floatToIntBits(weight) >>> Short.SIZE));
        }
        return Arrays.copyOf(bytes.array(), size);
      }
    },
    PRUNED {
      @Override
      byte[] bytes(int size, Random random) {
        byte[] bytes = WEIGHTS.bytes(size, random);
        for (int i = 0; i + Float.BYTES <= size; i += Float.BYTES) {
          if (random.nextInt(10) < 8) {
            Arrays.fill(bytes, i, i + Float.BYTES, (byte) 0);
          }
        }
        return bytes;
      }
    },
    QUANTIZED {
      @Override
      byte[] bytes(int size, Random random) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
          bytes[i] = (byte) Math.round(random.nextGaussian() * 3);
        }
        return bytes;
      }
    },
    SMALL_INTEGERS {
      @Override
      byte[] bytes(int size, Random random) {
        ByteBuffer bytes = ByteBuffer.allocate(size + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.position() < size) {
          bytes.putInt(random.nextInt(50_000));
        }
        return Arrays.copyOf(bytes.array(), size);
      }
    },
    ZEROS {
      @Override
      byte[] bytes(int size, Random random) {
        return new byte[size];
      }
    },
    NOISE {
      @Override
      byte[] bytes(int size, Random random) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
      }
    },
    /** The same noise again and again, at a distance just within the window. */
    FAR_REPEATS {
      @Override
      byte[] bytes(int size, Random random) {
        byte[] period = NOISE.bytes(31_000, random);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
          bytes[i] = period[i % period.length];
        }
        return bytes;
      }
    },
    JSON {
      @Override
      byte[] bytes(int size, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < size; i++) {
          text.append("{\"id\": ").append(i).append(", \"token\": \"t");
          text.append(random.nextInt(50_000)).append("\", \"score\": ");
          text.append(random.nextFloat()).append("},\n");
        }
        return text.substring(0, size).getBytes(StandardCharsets.US_ASCII);
      }
    },
    /** All of them in turn, in pieces of any size. */
    MIXED {
      @Override
      byte[] bytes(int size, Random random) {
        byte[] bytes = new byte[size];
        Content[] all = values();
        for (int at = 0; at < size; ) {
          int length = Math.min(size - at, random.nextInt(200_000));
          byte[] piece = all[random.nextInt(all.length - 1)].bytes(length, random);
          System.arraycopy(piece, 0, bytes, at, length);
          at += length;
        }
        return bytes;
      }
    };

    abstract byte[] bytes(int size, Random random);
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.oneOf(
        Arbitraries.of(0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 70_000),
        Arbitraries.integers().between(0, 2 * BLOCK));
  }

  @Property(tries = 25)
  void whatWentInComesOut(@ForAll("sizes") int size, @ForAll Content content, @ForAll long seed)
      throws IOException {
    byte[] bytes = content.bytes(size, new Random(seed));
    byte[] packed = gzip(bytes, new Random(seed));
    assertThat(gunzip(packed)).isEqualTo(bytes);
    // By itself, or by several threads with others at work, the result is the same.
    assertThat(gzip(bytes, new Random(seed + 1))).isEqualTo(packed);
  }

  @Test
  void isAsLargeAsGzipMakesIt(@TempDir Path folder) throws Exception {
    for (Content content : Content.values()) {
      byte[] bytes = content.bytes(3 * BLOCK / 2, new Random(7));
      Path plain = Files.write(folder.resolve(content.name()), bytes);
      Process gzip = new ProcessBuilder("gzip", "-nc", plain.toString()).start();
      byte[] reference = gzip.getInputStream().readAllBytes();
      assertThat(gzip.waitFor()).isZero();
      assertThat(gzip(bytes, new Random(1)).length / (double) reference.length)
          .as(content.name())
          .isBetween(0.95, 1.03);
    }
  }

  @Test
  void isReadByTheSystemsGzipAndPythonAsOneMember(@TempDir Path folder) throws Exception {
    byte[] bytes = Content.MIXED.bytes(2 * BLOCK + 12_345, new Random(3));
    Path packed = Files.write(folder.resolve("mixed.gz"), gzip(bytes, new Random(4)));
    Process gunzip = new ProcessBuilder("gzip", "-dc", packed.toString()).start();
    assertThat(gunzip.getInputStream().readAllBytes()).isEqualTo(bytes);
    assertThat(gunzip.waitFor()).isZero();
    Process python;
    try {
      python =
          new ProcessBuilder(
                  "python3",
                  "-c",
                  """
                  import sys, zlib
                  one = zlib.decompressobj(wbits=31)
                  sys.stdout.buffer.write(one.decompress(open(sys.argv[1], 'rb').read()))
                  sys.exit(0 if one.eof and not one.unused_data else 1)
                  """,
                  packed.toString())
              .start();
    } catch (IOException e) {
      Assumptions.abort("no python3 here: " + e.getMessage());
      return;
    }
    assertThat(python.getInputStream().readAllBytes()).isEqualTo(bytes);
    assertThat(python.waitFor()).isZero();
  }

  @Test
  void manyAtOnceAreAllRight() throws Exception {
    Compressors few = new Compressors(2, Duration.ofMillis(50));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> results =
          threads.invokeAll(
              IntStream.range(0, 12)
                  .<Callable<byte[]>>mapToObj(i -> () -> gunzip(gzip(few, bytes(i), new Random(i))))
                  .toList());
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(bytes(i));
      }
    }
    assertThat(stockOf(few)).isEqualTo(4);
  }

  private static byte[] bytes(int seed) {
    Content[] contents = Content.values();
    return contents[seed % contents.length].bytes(seed * BLOCK / 5, new Random(seed));
  }

  @Test
  void whatFailsInACompressingThreadIsToldToTheWriter() throws IOException {
    OutputStream target = OutputStream.nullOutputStream();
    try (ParallelGzip gzip =
        new ParallelGzip(
            target,
            COMPRESSORS,
            (block, last) -> {
              throw new OutOfMemoryError("no room");
            })) {
      assertThatThrownBy(
              () -> {
                gzip.write(new byte[20 * BLOCK]);
                gzip.finish();
              })
          .isInstanceOf(IOException.class)
          .hasMessage("cannot compress: no room")
          .hasCauseInstanceOf(OutOfMemoryError.class);
    }
    assertThat(stockOf(COMPRESSORS)).isEqualTo(6);
  }

  @Test
  void whatFailsInTheTargetIsToldToTheWriter() throws IOException {
    OutputStream target =
        new OutputStream() {
          @Override
          public void write(int value) {}

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 10) {
              throw new IOException("No space left on device");
            }
          }
        };
    try (ParallelGzip gzip = new ParallelGzip(target, COMPRESSORS)) {
      assertThatThrownBy(() -> gzip.write(Content.NOISE.bytes(20 * BLOCK, new Random(1))))
          .hasMessage("No space left on device");
    }
  }

  @Test
  @Timeout(20)
  void anInterruptEndsTheWaitForACompressingThread() throws Exception {
    Compressors one = new Compressors(1, Duration.ofMillis(50));
    CountDownLatch compressing = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Throwable[] failure = {null};
    boolean[] interrupted = {false};
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              failure[0] =
                  catchThrowable(() -> {
                    try (ParallelGzip gzip =
                        new ParallelGzip(
                            OutputStream.nullOutputStream(),
                            one,
                            (block, last) -> {
                              compressing.countDown();
                              awaitUninterruptibly(released);
                            })) {
                      gzip.write(new byte[20 * BLOCK]);
                    }
                  });
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    compressing.await();
    writer.interrupt();
    writer.join();
    released.countDown();
    assertThat(failure[0]).isInstanceOf(InterruptedIOException.class);
    assertThat(interrupted[0]).isTrue();
    assertThat(stockOf(one)).isEqualTo(2);
  }

  @Test
  @Timeout(20)
  void theThreadsEndWhenTheyAreIdle() throws Exception {
    Compressors some = new Compressors(2, Duration.ofMillis(1));
    Thread[] thread = {null};
    some.submit(() -> thread[0] = Thread.currentThread()).get();
    thread[0].join();
    // And new ones are there when there is work again.
    assertThat(gunzip(gzip(some, new byte[3 * BLOCK], new Random(1)))).hasSize(3 * BLOCK);
  }

  @Test
  void withoutItsEndTheMemberIsIncomplete() throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (ParallelGzip gzip = new ParallelGzip(target, COMPRESSORS)) {
      gzip.write(new byte[20 * BLOCK]);
    }
    assertThatThrownBy(() -> gunzip(target.toByteArray())).isInstanceOf(IOException.class);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("compressing threads are not interrupted", e);
    }
  }

  private static int stockOf(Compressors compressors) {
    int blocks = 0;
    while (compressors.tryTake()) {
      blocks++;
    }
    compressors.giveBack(blocks);
    return blocks;
  }

  private static byte[] gzip(byte[] bytes, Random pieces) throws IOException {
    return gzip(COMPRESSORS, bytes, pieces);
  }

  private static byte[] gzip(Compressors compressors, byte[] bytes, Random pieces)
      throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (ParallelGzip gzip = new ParallelGzip(target, compressors)) {
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, 1 + pieces.nextInt(100_000));
        gzip.write(bytes, at, length);
        at += length;
      }
      gzip.finish();
    }
    return target.toByteArray();
  }

  private static byte[] gunzip(byte[] packed) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }
}
