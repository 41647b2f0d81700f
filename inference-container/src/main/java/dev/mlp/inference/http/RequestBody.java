package dev.mlp.inference.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.function.Consumer;

/** Collects the body of one request into one array, within the limits. Lives on its event loop. */
final class RequestBody {
  private final int limit;
  private final BodyBudget budget;
  private final Consumer<RequestBody> complete;
  private final Consumer<Answer> refused;
  private final Runnable abandoned;
  private byte[] bytes;
  private int size;
  private long reserved;
  private boolean done;

  private RequestBody(
      int limit,
      BodyBudget budget,
      Consumer<RequestBody> complete,
      Consumer<Answer> refused,
      Runnable abandoned,
      int capacity) {

    this.limit = limit;
    this.budget = budget;
    this.complete = complete;
    this.refused = refused;
    this.abandoned = abandoned;
    this.bytes = new byte[capacity];
  }

  /**
   * Reads the body, then calls one of the three, once.
   *
   * @param complete gets the body, and calls {@link #release} when it is no longer needed
   * @param refused gets the answer for a body that is too large
   * @param abandoned is told that the client went away before the end
   */
  static void read(
      HttpServerRequest request,
      int limit,
      BodyBudget budget,
      Consumer<RequestBody> complete,
      Consumer<Answer> refused,
      Runnable abandoned) {
    long announced = announcedLength(request);
    if (announced > limit) {
      refused.accept(tooLarge(limit));
      return;
    }
    RequestBody body =
        new RequestBody(
            limit, budget, complete, refused, abandoned, announced < 0 ? 1024 : (int) announced);
    if (body.reserve(body.bytes.length)) {
      request.handler(body::append);
      request.exceptionHandler(_ -> body.abandon());
      request.endHandler(_ -> body.end());
    }
  }

  /** The body; exactly as long as it was sent. */
  byte[] bytes() {
    return bytes;
  }

  void release() {
    budget.release(reserved);
    reserved = 0;
  }

  private static long announcedLength(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return header == null ? -1 : Long.parseLong(header);
  }

  private void append(Buffer chunk) {
    if (done) {
      return;
    }
    int length = chunk.length();
    if (length > limit - size) {
      refuse(tooLarge(limit));
      return;
    }
    if (size + length > bytes.length) {
      int capacity = Math.max(size + length, Math.min(limit, bytes.length * 2));
      if (!reserve(capacity - bytes.length)) {
        return;
      }
      bytes = Arrays.copyOf(bytes, capacity);
    }
    chunk.getBytes(0, length, bytes, size);
    size += length;
  }

  private boolean reserve(int more) {
    if (budget.reserve(more)) {
      reserved += more;
      return true;
    }
    refuse(Answer.error(503, "The server holds too many large requests; try again."));
    return false;
  }

  private void end() {
    if (!done) {
      done = true;
      if (size < bytes.length) {
        bytes = Arrays.copyOf(bytes, size);
      }
      complete.accept(this);
    }
  }

  private void refuse(Answer answer) {
    finish();
    refused.accept(answer);
  }

  private void abandon() {
    if (!done) {
      finish();
      abandoned.run();
    }
  }

  /** Gives everything back; what still comes is ignored. */
  private void finish() {
    if (!done) {
      done = true;
      bytes = new byte[0];
      release();
    }
  }

  private static Answer tooLarge(int limit) {
    return Answer.error(413, "The request body is larger than the limit of " + limit + " bytes.");
  }
}
