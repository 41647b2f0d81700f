package dev.mlp.controlplane.container.docker.image;

/** An error in one line, with what to do about it. */
final class EngineTrouble {
  private EngineTrouble() {}

  static String line(Throwable failure) {
    String message = failure.getMessage();
    String text =
        message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    String line = String.join(" | ", text.lines().map(String::strip).toList());
    // The engine has no code for it; these are the words of the system call that failed.
    return line.contains("no space left on device")
        ? "the engine's disk is full ("
            + line
            + "); 'mlp images remove' removes what is out of date, 'docker system df' shows the rest"
        : line;
  }
}
