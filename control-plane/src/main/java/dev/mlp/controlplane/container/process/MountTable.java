package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.regex.Pattern;

/** What is to be mounted for one instance, as a file in the form of {@code /etc/fstab}. */
final class MountTable {
  /** Below the folder of an overlay: what was written to it. */
  static final String UPPER = "upper";

  private static final String WORK = "work";

  /** Without what would have to be escaped, differently in each place. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._@+-]+");

  private final boolean volatileOverlays;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param volatileOverlays without it, the end of an overlay waits until the disk has written all
   *     that anybody has written: half a second for 1.5 GB of somebody else's
   */
  MountTable(boolean volatileOverlays) {
    this.volatileOverlays = volatileOverlays;
  }

  /** Whether the path can be in such a table. */
  static boolean canName(Path path) {
    return PLAIN.matcher(path.toString()).matches();
  }

  /**
   * Shows a folder that is not to be changed as one that can be.
   *
   * @param lower the folder
   * @param view where it is shown; there already
   * @param own made here, for what is written
   */
  void overlay(Path lower, Path view, Path own) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(lower);
    Path upper = Files.createDirectories(own.resolve(UPPER));
    Files.setPosixFilePermissions(upper, permissions);
    Path work = Files.createDirectories(own.resolve(WORK));
    line(
        "overlay",
        view,
        "overlay",
        "lowerdir=%s,upperdir=%s,workdir=%s%s"
            .formatted(
                named(lower), named(upper), named(work), volatileOverlays ? ",volatile" : ""));
  }

  /** Shows a folder, with all that is mounted in it, in a second place. */
  void bind(Path folder, Path view) {
    line(named(folder), view, "none", "rbind");
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  String text() {
    return text.toString();
  }

  private void line(String what, Path view, String type, String options) {
    text.append("%s %s %s %s 0 0\n".formatted(what, named(view), type, options));
  }

  private static String named(Path path) {
    if (!canName(path)) {
      throw new IllegalArgumentException("cannot write down mounts of " + path);
    }
    return path.toString();
  }
}
