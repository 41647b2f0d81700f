package dev.mlp.controlplane.artifact;

import java.io.IOException;

/** Tells that a disk is full. */
final class DiskFull {
  private DiskFull() {}

  /** The JDK has no type for it: the operating system's words are all there is. */
  static boolean isCauseOf(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left on device") || message.contains("Disk quota exceeded");
  }
}
