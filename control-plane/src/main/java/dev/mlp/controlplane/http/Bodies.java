package dev.mlp.controlplane.http;

import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;

/** Reads bodies whole, within the limit of one request and the budget of the server. */
final class Bodies {
  /** A body that has been read; its bytes count until {@link #release}. */
  static final class Body {
    private final Buffer bytes;
    private final byte[] sha256;
    private final ByteBudget budget;
    private boolean released;

    private Body(Buffer bytes, byte[] sha256, ByteBudget budget) {
      this.bytes = bytes;
      this.sha256 = sha256;
      this.budget = budget;
    }

    Buffer bytes() {
      return bytes;
    }

    byte[] sha256() {
      return sha256;
    }

    /** Gives the bytes back; on the event loop, once or more. */
    void release() {
      if (!released) {
        released = true;
        budget.giveBack(bytes.length());
      }
    }
  }

  private final Vertx vertx;
  private final long maxBytes;
  private final Duration timeout;
  private final ByteBudget budget;

  Bodies(Vertx vertx, FrontConfig config, ByteBudget budget) {
    this.vertx = vertx;
    this.maxBytes = config.maxRequestBytes();
    this.timeout = config.bodyTimeout();
    this.budget = budget;
  }

  /**
   * Reads the body; called before the first byte of it has been handled. After a failure the rest
   * is read and thrown away, so a client that writes first and reads then gets its answer.
   */
  Future<Body> read(HttpServerRequest request) {
    if (declared(request) > maxBytes) {
      return Future.failedFuture(tooLarge());
    }
    if (expectsContinue(request)) {
      request.response().writeContinue();
    }
    Reading reading = new Reading();
    request.handler(reading::chunk);
    request.endHandler(_ -> reading.end());
    request.exceptionHandler(reading::fail);
    reading.watch(0);
    return reading.done.future();
  }

  static boolean expectsContinue(HttpServerRequest request) {
    return "100-continue".equalsIgnoreCase(request.getHeader("Expect"));
  }

  private static long declared(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private ApiException tooLarge() {
    return new ApiException(
        ErrorCode.REQUEST_ENTITY_TOO_LARGE,
        "The request's body is larger than " + maxBytes + " bytes.");
  }

  /** One body on its way, on one event loop. */
  private final class Reading {
    private final Promise<Body> done = Promise.promise();
    private final Buffer bytes = Buffer.buffer();
    private final MessageDigest digest = sha256();
    private long timer;
    private boolean over;

    void chunk(Buffer chunk) {
      if (over) {
        return;
      }
      if (bytes.length() + (long) chunk.length() > maxBytes) {
        fail(tooLarge());
      } else if (!budget.tryTake(chunk.length())) {
        fail(
            new ApiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "The server holds as many requests as it can; try again in a moment."));
      } else {
        bytes.appendBuffer(chunk);
        digest.update(chunk.getBytes());
      }
    }

    void end() {
      if (!over) {
        over();
        done.complete(new Body(bytes, digest.digest(), budget));
      }
    }

    void fail(Throwable cause) {
      if (!over) {
        over();
        budget.giveBack(bytes.length());
        done.fail(cause);
      }
    }

    /** Without its timer: that would keep the bytes in memory after the budget has them back. */
    private void over() {
      over = true;
      vertx.cancelTimer(timer);
    }

    /** Gives up when nothing has come since the last look. */
    void watch(int before) {
      timer =
          vertx.setTimer(
              timeout.toMillis(),
              _ -> {
                if (bytes.length() > before) {
                  watch(bytes.length());
                } else {
                  fail(
                      new ApiException(
                          ErrorCode.REQUEST_TIMEOUT,
                          "The rest of the request's body did not come within "
                              + timeout.toSeconds()
                              + " s."));
                }
              });
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
