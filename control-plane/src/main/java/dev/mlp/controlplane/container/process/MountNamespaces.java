package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.artifact.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Whether instances can see the machine's folders in a way of their own: each is started in a mount
 * namespace, whose mounts nobody else sees and which is gone with its last process. Tried out once,
 * when the runtime starts.
 *
 * @param programs what is needed for it; empty where it cannot be done
 * @param volatileOverlays whether overlays are told that what is written to them need not last
 * @param containerFolder how {@code /opt/ml} comes to be the instance's folder
 * @param description for people: what is done, or why not
 */
record MountNamespaces(
    Optional<Programs> programs,
    boolean volatileOverlays,
    ContainerFolder containerFolder,
    String description) {
  static final Path CONTAINER_FOLDER = Path.of("/opt/ml");
  private static final Path PARENT = Path.of("/opt");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  record Programs(Path unshare, Path mount) {}

  /** What has to be mounted for an instance to have {@code /opt/ml}. */
  enum ContainerFolder {
    /** It cannot have it. */
    NONE,
    /** The machine has such a folder; the instance's is put over it. */
    BIND,
    /** The machine has none, and gets none: the instance sees {@code /opt} through an overlay. */
    OVERLAY
  }

  /** No instance sees anything but what is there. */
  static MountNamespaces none(String reason) {
    return new MountNamespaces(
        Optional.empty(),
        false,
        ContainerFolder.NONE,
        "inputs are copied, and there is no " + CONTAINER_FOLDER + ": " + reason);
  }

  /**
   * Tries it out.
   *
   * @param folder the runtime's, with links resolved: what works there works for its instances
   */
  static MountNamespaces probe(Path folder) throws IOException {
    Optional<Path> unshare = program("unshare");
    Optional<Path> mount = program("mount");
    if (unshare.isEmpty() || mount.isEmpty()) {
      return none("the programs unshare and mount are not both there");
    }
    if (!MountTable.canName(folder)) {
      return none("mounts cannot be written down for a folder with the name \"" + folder + "\"");
    }
    Programs programs = new Programs(unshare.get(), mount.get());
    Path place = Files.createTempDirectory(folder, ".mounts-");
    try {
      Optional<String> refusal = tryOverlay(programs, place.resolve("volatile"), true);
      boolean volatileOverlays = refusal.isEmpty();
      if (!volatileOverlays) {
        refusal = tryOverlay(programs, place.resolve("plain"), false);
      }
      if (refusal.isPresent()) {
        return none(refusal.get());
      }
      ContainerFolder kind = possible(folder);
      Optional<String> missing =
          kind == ContainerFolder.NONE
              ? Optional.of("it cannot be put over what this machine has there")
              : tryContainerFolder(programs, place.resolve("opt"), kind, volatileOverlays);
      return new MountNamespaces(
          Optional.of(programs),
          volatileOverlays,
          missing.isPresent() ? ContainerFolder.NONE : kind,
          "inputs are overlays, and "
              + missing
                  .map(reason -> "there is no " + CONTAINER_FOLDER + ": " + reason)
                  .orElse(CONTAINER_FOLDER + " is each instance's own"));
    } finally {
      Folders.delete(place);
    }
  }

  /** Whether instances have their folder at {@code /opt/ml} too. */
  boolean showContainerFolder() {
    return containerFolder != ContainerFolder.NONE;
  }

  MountTable table() {
    return new MountTable(volatileOverlays);
  }

  /** Adds what shows the folder as {@code /opt/ml}; after all that is mounted below the folder. */
  void addContainerFolder(MountTable table, Path ml, Path own) throws IOException {
    if (containerFolder == ContainerFolder.OVERLAY) {
      table.overlay(PARENT, PARENT, own);
      Files.createDirectories(
          own.resolve(MountTable.UPPER).resolve(PARENT.relativize(CONTAINER_FOLDER)));
    }
    if (containerFolder != ContainerFolder.NONE) {
      table.bind(ml, CONTAINER_FOLDER);
    }
  }

  /** What starts a program in a namespace of its own; empty to start it as it is. */
  List<String> prefix() {
    return programs.map(MountNamespaces::prefix).orElse(List.of());
  }

  private static List<String> prefix(Programs programs) {
    // "slave", not "private": an instance must not keep others' mounts in use (disks, containers)
    // that are taken away outside.
    return List.of(programs.unshare().toString(), "--mount", "--propagation", "slave", "--");
  }

  private static Optional<Path> program(String name) {
    return Stream.concat(
            Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":", -1)),
            Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Optional<String> tryOverlay(Programs programs, Path place, boolean isVolatile)
      throws IOException {
    Path lower = Files.createDirectories(place.resolve("lower"));
    Path view = Files.createDirectories(place.resolve("view"));
    Files.createFile(lower.resolve("file"));
    MountTable table = new MountTable(isVolatile);
    table.overlay(lower, view, place.resolve("own"));
    return tryOut(programs, place, table, view.resolve("file"));
  }

  private static ContainerFolder possible(Path folder) throws IOException {
    if (Files.isDirectory(CONTAINER_FOLDER, LinkOption.NOFOLLOW_LINKS)) {
      // Below it the runtime's own folder would be hidden.
      return folder.startsWith(CONTAINER_FOLDER) ? ContainerFolder.NONE : ContainerFolder.BIND;
    }
    boolean hides =
        Files.exists(CONTAINER_FOLDER, LinkOption.NOFOLLOW_LINKS)
            || folder.startsWith(PARENT)
            || Files.readString(Path.of("/proc/self/mounts"), StandardCharsets.ISO_8859_1)
                .lines()
                .anyMatch(line -> line.split(" ", -1)[1].startsWith(PARENT + "/"));
    return hides || !Files.isDirectory(PARENT, LinkOption.NOFOLLOW_LINKS)
        ? ContainerFolder.NONE
        : ContainerFolder.OVERLAY;
  }

  private static Optional<String> tryContainerFolder(
      Programs programs, Path place, ContainerFolder kind, boolean isVolatile) throws IOException {
    Path ml = Files.createDirectories(place.resolve("ml"));
    Files.createFile(ml.resolve("file"));
    MountNamespaces namespaces =
        new MountNamespaces(Optional.of(programs), isVolatile, kind, "being tried out");
    MountTable table = namespaces.table();
    namespaces.addContainerFolder(table, ml, place.resolve("own"));
    return tryOut(programs, place, table, CONTAINER_FOLDER.resolve("file"));
  }

  /** Why the mounts cannot be made, or the file is not to be seen then; empty when all is well. */
  private static Optional<String> tryOut(Programs programs, Path place, MountTable table, Path file)
      throws IOException {
    Path written = place.resolve("table");
    Files.writeString(written, table.text());
    Path output = place.resolve("output");
    Process process =
        new ProcessBuilder(
                Stream.concat(
                        prefix(programs).stream(),
                        Stream.of(
                            "/bin/sh",
                            "-c",
                            "\"$1\" -a -n -T \"$2\" && [ -e \"$3\" ]",
                            "sh",
                            programs.mount().toString(),
                            written.toString(),
                            file.toString()))
                    .toList())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return Optional.of("trying it out took too long");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while trying out mounts", e);
    }
    return process.exitValue() == 0
        ? Optional.empty()
        : Optional.of(
            Files.readString(output, StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("the mounts show nothing"));
  }
}
