package dev.mlp.controlplane.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The one way from the event loop to code that may block, and back. */
public final class Blocking implements AutoCloseable {
  private final Vertx vertx;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());

  public Blocking(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Runs the work on a virtual thread of its own; the future completes on the caller's context. */
  public <T> Future<T> call(Callable<T> work) {
    Context context = vertx.getOrCreateContext();
    CompletableFuture<T> done = new CompletableFuture<>();
    threads.execute(() -> {
      try {
        done.complete(work.call());
      } catch (Throwable e) { // an Error too must reach the client as an answer
        done.completeExceptionally(e);
      }
    });
    return Future.fromCompletionStage(done, context);
  }

  /** Lets what runs come to its end. */
  @Override
  public void close() {
    threads.close();
  }
}
