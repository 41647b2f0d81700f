package dev.mlp.controlplane.container.docker;

/** A virtual thread that has ended when it is closed; an interrupt tells it to. */
final class Worker implements AutoCloseable {
  private final Thread thread;

  private Worker(Thread thread) {
    this.thread = thread;
  }

  static Worker start(String name, Runnable work) {
    return new Worker(Thread.ofVirtual().name(name).start(work));
  }

  /** Waits whether or not the caller is interrupted, which it remains. */
  @Override
  public void close() {
    boolean interrupted = false;
    thread.interrupt();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
