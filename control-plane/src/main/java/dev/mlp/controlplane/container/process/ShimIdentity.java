package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that cannot be taken for another one: numbers come again, also after a reboot.
 *
 * @param pid also the number of its session
 * @param startTime clock ticks since the boot, field 22 of {@code /proc/<pid>/stat}
 * @param bootId of the boot that it was started in
 */
record ShimIdentity(long pid, long startTime, String bootId) {
  private static final Pattern FORM = Pattern.compile("(\\d+) (\\d+) (\\S+)\n");

  /** Empty where the line is not complete (yet). */
  static Optional<ShimIdentity> parse(String text) {
    Matcher line = FORM.matcher(text);
    return line.matches()
        ? Optional.of(
            new ShimIdentity(
                Long.parseLong(line.group(1)), Long.parseLong(line.group(2)), line.group(3)))
        : Optional.empty();
  }

  boolean isOfThisBoot() {
    return bootId.equals(currentBoot());
  }

  boolean isAlive() {
    return isOfThisBoot()
        && ProcessTable.read(pid)
            .filter(entry -> entry.startTime() == startTime && !entry.dead())
            .isPresent();
  }

  private static String currentBoot() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the process runtime needs Linux's /proc", e);
    }
  }
}
