package dev.mlp.controlplane.container.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a program failed beside a full disk, where it can often neither log nor write down why.
 */
final class DiskSpace {
  /** Less than this is as good as nothing. */
  static final long LEAST_BYTES = 1 << 20;

  private static final Logger logger = LoggerFactory.getLogger(DiskSpace.class);
  private static final String FULL = "The disk of the data directory is full";

  private DiskSpace() {}

  /** What can be written below the folder, in bytes; {@link Long#MAX_VALUE} when not known. */
  static long usableBytes(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      logger.warn("cannot tell how full the disk of {} is", folder, e);
      return Long.MAX_VALUE;
    }
  }

  /**
   * What there is to tell of a program's end.
   *
   * @param failure what the program itself wrote down
   */
  static Optional<String> explain(int exitCode, Optional<String> failure, long usableBytes) {
    if (exitCode == 0 || usableBytes >= LEAST_BYTES) {
      return failure;
    }
    return Optional.of(
        failure
            .filter(text -> !text.isBlank())
            .map(text -> FULL + "; " + text.strip())
            .orElse(FULL));
  }
}
