package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much an instance has written below its folder, and how much it may. Who goes past the bound
 * is told so after a restart of the control plane too.
 *
 * <pre>
 * state/given   bytes that were there before it started, and are not its own
 * state/excess  how it went past its bound
 * </pre>
 */
final class VolumeBound {
  private static final Logger logger = LoggerFactory.getLogger(VolumeBound.class);
  private static final String GIVEN = "given";
  private static final String EXCESS = "excess";
  private static final long UNKNOWN = -1;

  private final MemberFolder folder;
  private final OptionalLong bound;
  private final Runnable exceeded;
  private volatile long writtenBytes = UNKNOWN;

  /**
   * @param bound in bytes; empty for none
   * @param exceeded told that {@link #excess} has something to tell
   */
  VolumeBound(MemberFolder folder, OptionalLong bound, Runnable exceeded) {
    this.folder = folder;
    this.bound = bound;
    this.exceeded = exceeded;
  }

  /** What is in the folder now is not the program's. */
  void excludeWhatIsThere() throws IOException, InterruptedException {
    folder.write(GIVEN, Long.toString(DiskWatch.measure(folder.path())));
  }

  /**
   * A new measurement.
   *
   * @param bytes in the folder
   */
  void measured(long bytes) throws IOException {
    long given = folder.read(GIVEN).map(Long::parseLong).orElse(0L);
    writtenBytes = Math.max(0, bytes - given);
    if (isExceeded()) {
      exceeded.run();
    }
  }

  /** As it was last measured. */
  OptionalLong writtenBytes() {
    long bytes = writtenBytes;
    return bytes == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  /** How the instance went past its bound, for the failure reason; stays so once it was told. */
  Optional<String> excess() throws IOException {
    Optional<String> told = folder.read(EXCESS);
    if (told.isPresent() || !isExceeded()) {
      return told;
    }
    String text =
        "It wrote %s GiB, more than its VolumeSizeInGB of %s."
            .formatted(gibibytes(writtenBytes), gibibytes(bound.getAsLong()));
    try {
      folder.write(EXCESS, text);
    } catch (IOException e) {
      // A disk that it has filled up must not save it.
      logger.warn("cannot write down that {} is past its bound", folder.path(), e);
    }
    return Optional.of(text);
  }

  private boolean isExceeded() {
    return bound.isPresent() && writtenBytes > bound.getAsLong();
  }

  private static String gibibytes(long bytes) {
    return BigDecimal.valueOf(bytes)
        .divide(BigDecimal.valueOf(1L << 30), 3, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
