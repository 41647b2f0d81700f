package dev.mlp.cli;

import dev.mlp.sdk.TransferListener.Transfer;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is going on, on standard error: on a terminal one line that is redrawn while it lasts,
 * elsewhere a plain line per change. Results go through {@link #aside} so that they do not run into
 * it.
 */
final class Progress implements AutoCloseable {
  private static final int BAR = 24;
  private static final Duration TICK = Duration.ofMillis(200);

  private final Object lock = new Object();
  private final PrintStream err;
  private final boolean live;
  private final Thread ticker;
  private @Nullable String text;
  private long since;
  private boolean closed;

  Progress(Context context) {
    this.err = context.err();
    this.live = context.terminal().errors();
    this.ticker = Thread.ofVirtual().unstarted(this::tick);
    if (live) {
      ticker.start();
    }
  }

  /** From now on this is going on. */
  void now(String doing) {
    synchronized (lock) {
      text = doing;
      since = System.nanoTime();
      if (live) {
        draw();
      } else {
        err.println(doing);
      }
    }
  }

  /** An upload has got further. Off a terminal only its end is worth a line. */
  void uploading(Transfer transfer) {
    synchronized (lock) {
      if (live) {
        text = null;
        err.print("\r\033[K" + bar(transfer));
        if (transfer.finished()) {
          err.print("\r\033[K");
        }
        err.flush();
      } else if (transfer.finished()) {
        err.println("uploaded " + transfer.name() + " (" + bytes(transfer.totalBytes()) + ")");
      }
    }
  }

  /** Prints something beside the progress. */
  void aside(PrintStream stream, String line) {
    synchronized (lock) {
      clear();
      stream.println(line);
      stream.flush();
      if (live && text != null) {
        draw();
      }
    }
  }

  /** Nothing is going on any more. */
  void done() {
    synchronized (lock) {
      text = null;
      clear();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    done();
    ticker.interrupt();
  }

  static String bar(Transfer transfer) {
    double part =
        transfer.totalBytes() == 0 ? 1 : (double) transfer.bytes() / transfer.totalBytes();
    int filled = (int) (part * BAR);
    return String.format(
        Locale.ROOT,
        "uploading %s [%s%s] %3d %% of %s",
        transfer.name(),
        "#".repeat(filled),
        ".".repeat(BAR - filled),
        (int) (part * 100),
        bytes(transfer.totalBytes()));
  }

  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < 3) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", value, "KMGT".charAt(unit));
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(TICK);
        synchronized (lock) {
          if (closed) {
            return;
          }
          if (text != null) {
            draw();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void draw() {
    long elapsed = (System.nanoTime() - since) / 1_000_000_000;
    err.print("\r\033[K" + text + (elapsed > 0 ? " " + elapsed + " s" : ""));
    err.flush();
  }

  private void clear() {
    if (live) {
      err.print("\r\033[K");
      err.flush();
    }
  }
}
