package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies a container's output to a file, in the engine's order. The file has this container's
 * output and nothing else: its length says how much of it is done, also after a crash.
 *
 * <p>A stream from the engine is a hint that there is more: engines of this age sometimes end one
 * before its last lines. So the rest is asked for once more when the program has ended.
 */
final class LogFollower implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LogFollower.class);
  private static final int HEADER_BYTES = 8;
  private static final int BUFFER_BYTES = 64 * 1024;

  /** Engines cut longer lines into pieces of this size. */
  private static final int PIECE_BYTES = 16 * 1024;

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int LAST_ATTEMPTS = 10;

  /** A program's end ends its stream; when it does not, the rest is asked for all the same. */
  private static final Duration STREAM_END = Duration.ofSeconds(10);

  /** The file is at fault, not the engine. */
  private static final class UnwritableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnwritableException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private final EngineConnection connection;
  private final String container;
  private final Path file;
  private final CountDownLatch done = new CountDownLatch(1);
  private final Semaphore wakeUp = new Semaphore(0);
  private volatile boolean ended;
  private volatile boolean closed;
  private @Nullable Worker worker;
  private volatile DockerHttpClient.@Nullable Response response;

  /** The latest second that something was written in; before the first, where the log begins. */
  private long second;

  /** How much of what the engine has since that second is in the file. */
  private long sinceSecond;

  /**
   * How much in the file came after that second's first line and is stamped earlier: the two
   * streams are stamped before they are put in order. Engines from version 24 on send it again when
   * asked for what is since that second, older ones do not.
   */
  private long late;

  LogFollower(EngineConnection connection, String container, Path file) {
    this.connection = connection;
    this.container = container;
    this.file = file;
  }

  void start() {
    worker = Worker.start(container + " log", this::follow);
  }

  /** The program has ended: waits until all that it wrote is in the file. */
  void finish() throws InterruptedException {
    ended = true;
    wakeUp.release();
    if (!done.await(STREAM_END.toMillis(), TimeUnit.MILLISECONDS)) {
      endStream();
      done.await();
    }
  }

  private void follow() {
    try {
      trustTheFile();
      int failures = 0;
      while (!closed) {
        boolean last = ended;
        try {
          connection.whenThere(() -> {
            copy(!last);
            return true;
          });
          if (last) {
            return;
          }
        } catch (EngineException e) {
          if (e.notFound()) {
            return;
          }
          failures = failed(failures, e);
        } catch (UnwritableException e) {
          failures = failed(failures, e);
        } catch (IOException e) {
          // A stream that broke; the next one goes on where it did.
          logger.debug("{}: its log broke off", container, e);
          failures++;
        }
        if (failures > LAST_ATTEMPTS && ended) {
          return;
        }
        // The stream has ended: so has the program, or somebody will tell.
        var _ = wakeUp.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      logger.debug("{}: log let go", container, e);
    } catch (IOException | RuntimeException e) {
      logger.error("{}: cannot write its log {}", container, file, e);
    } finally {
      done.countDown();
    }
  }

  /** From the engine's first line on, whatever is in the file is skipped. */
  private void trustTheFile() throws IOException {
    second = 0;
    sinceSecond = Files.exists(file) ? Files.size(file) : 0;
    late = 0;
  }

  /** The engine keeps what could not be written, such as to a full disk. */
  private int failed(int failures, IOException e) {
    if (failures == 0 && !closed) {
      logger.warn("{}: cannot write its log {}, trying again", container, file, e);
    }
    return failures + 1;
  }

  private void copy(boolean follow) throws IOException {
    String path =
        "/containers/%s/logs?stdout=1&stderr=1&timestamps=1&follow=%d&since=%d"
            .formatted(container, follow ? 1 : 0, second);
    try (DockerHttpClient.Response opened = connection.get(path);
        OutputStream out =
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      response = opened;
      if (closed || (follow && ended)) {
        return;
      }
      copy(
          new DataInputStream(new BufferedInputStream(opened.getBody(), BUFFER_BYTES)),
          new BufferedOutputStream(out, BUFFER_BYTES));
    } catch (EngineException | EngineAwayException e) {
      throw e;
    } catch (IOException e) {
      // How much of it was written is not known.
      trustTheFile();
      if (Thread.currentThread().isInterrupted()) {
        InterruptedIOException interrupted = new InterruptedIOException(e.getMessage());
        interrupted.initCause(e);
        throw interrupted;
      }
      throw e;
    } finally {
      response = null;
    }
  }

  private void copy(DataInputStream frames, BufferedOutputStream out) throws IOException {
    long asked = second;
    long skip = sinceSecond;
    long skipLate = late;
    sinceSecond = 0;
    late = 0;
    byte[] header = new byte[HEADER_BYTES];
    try {
      while (readHeader(frames, header)) {
        byte[] frame = new byte[length(header)];
        frames.readFully(frame);
        int begin = stamp(frame);
        byte[] text = text(frame, begin);
        long at = second(frame, begin);
        int from = (int) Math.min(at < asked ? skipLate : skip, text.length);
        write(out, text, from);
        if (at < asked) {
          skipLate -= from;
        } else {
          skip -= from;
        }
        count(at, text.length);
        if (frames.available() == 0) {
          flush(out);
        }
      }
    } finally {
      flush(out);
      // What was to be skipped and did not come is in the file nevertheless.
      sinceSecond += skip;
      if (second == asked) {
        late += skipLate;
      }
    }
  }

  private static void write(OutputStream out, byte[] text, int from) throws UnwritableException {
    try {
      out.write(text, from, text.length - from);
    } catch (IOException e) {
      throw new UnwritableException(e);
    }
  }

  private static void flush(OutputStream out) throws UnwritableException {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UnwritableException(e);
    }
  }

  private static boolean readHeader(InputStream in, byte[] header) throws IOException {
    int n = in.readNBytes(header, 0, header.length);
    if (n > 0 && n < header.length) {
      throw new EOFException("the engine's log ends within a frame");
    }
    return n > 0;
  }

  private static int length(byte[] header) {
    return (header[4] & 0xff) << 24
        | (header[5] & 0xff) << 16
        | (header[6] & 0xff) << 8
        | (header[7] & 0xff);
  }

  /** Where the text begins after its time stamp. */
  private static int stamp(byte[] frame) throws IOException {
    for (int i = 0; i < frame.length; i++) {
      if (frame[i] == ' ') {
        return i + 1;
      }
    }
    throw new IOException("the engine's log has a line without a time stamp");
  }

  /** The engine's own driver drops the line feed of a line that it has cut. */
  private static byte[] text(byte[] frame, int begin) {
    int length = frame.length - begin;
    boolean whole = length > 0 && frame[frame.length - 1] == '\n';
    boolean piece = !whole && length >= PIECE_BYTES;
    byte[] text = new byte[whole || piece ? length : length + 1];
    System.arraycopy(frame, begin, text, 0, length);
    if (text.length > length) {
      text[length] = '\n';
    }
    return text;
  }

  private static long second(byte[] frame, int begin) {
    return Instant.parse(new String(frame, 0, begin - 1, StandardCharsets.US_ASCII))
        .getEpochSecond();
  }

  private void count(long at, int bytes) {
    if (at > second) {
      second = at;
      sinceSecond = 0;
      late = 0;
    }
    if (at == second) {
      sinceSecond += bytes;
    } else {
      late += bytes;
    }
  }

  /** Ends without waiting for more; the next one on the same file goes on. */
  @Override
  public void close() {
    closed = true;
    endStream();
    if (worker != null) {
      worker.close();
    }
  }

  private void endStream() {
    DockerHttpClient.Response opened = response;
    if (opened != null) {
      opened.close();
    }
  }
}
