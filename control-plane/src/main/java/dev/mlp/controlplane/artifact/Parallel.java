package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Work on threads of its own, within a call. */
final class Parallel {
  private Parallel() {}

  /** One piece of work. */
  @FunctionalInterface
  interface Task {
    void run() throws IOException, InterruptedException;
  }

  /** Runs all, each on a virtual thread; one failure or an interrupt ends the others first. */
  static void run(List<Task> tasks) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      ExecutorCompletionService<Void> results = new ExecutorCompletionService<>(threads);
      for (Task task : tasks) {
        Callable<Void> call =
            () -> {
              task.run();
              return null;
            };
        results.submit(call);
      }
      for (int i = 0; i < tasks.size(); i++) {
        results.take().get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case InterruptedException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      threads.shutdownNow();
      threads.close();
    }
  }
}
