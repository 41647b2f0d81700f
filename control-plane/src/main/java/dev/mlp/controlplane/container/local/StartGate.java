package dev.mlp.controlplane.container.local;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Members of a group start when all of them are ready, or none does. */
final class StartGate {
  private final AtomicInteger awaited;
  private final CompletableFuture<Optional<String>> decision = new CompletableFuture<>();

  StartGate(int members) {
    this.awaited = new AtomicInteger(members);
  }

  /** One more member is ready; told once per member. */
  void ready() {
    if (awaited.decrementAndGet() == 0) {
      decision.complete(Optional.empty());
    }
  }

  /** Nobody starts any more, because of this. */
  void refuse(String reason) {
    decision.complete(Optional.of(reason));
  }

  /** Waits for the decision: empty to start, else why not. */
  Optional<String> await() throws InterruptedException {
    try {
      return decision.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
