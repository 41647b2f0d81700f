package dev.mlp.controlplane.container.docker;

import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Tells how much of an input was copied, once per mebibyte. */
final class CopyProgress implements LongConsumer {
  private static final long MEBIBYTE = 1 << 20;

  private final String path;
  private final Consumer<String> progress;
  private long bytes;
  private long told = -1;

  CopyProgress(String path, Consumer<String> progress) {
    this.path = path;
    this.progress = progress;
  }

  @Override
  public void accept(long more) {
    bytes += more;
    if (bytes / MEBIBYTE != told) {
      told = bytes / MEBIBYTE;
      progress.accept("copying %s into the container: %d MiB".formatted(path, told));
    }
  }
}
