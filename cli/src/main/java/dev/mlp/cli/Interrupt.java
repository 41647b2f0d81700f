package dev.mlp.cli;

/**
 * What is done when the command is ended from outside (Ctrl-C, SIGTERM) before it has ended by
 * itself.
 */
final class Interrupt implements AutoCloseable {
  private final Thread hook;

  private Interrupt(Thread hook) {
    this.hook = hook;
  }

  /** Until the result is closed, {@code action} is run on the way out. */
  static Interrupt runs(Runnable action) {
    Thread hook = new Thread(action, "interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interrupt(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown has begun, and with it the action.
    }
  }
}
