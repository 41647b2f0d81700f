package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.VolumeOptions;
import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.local.MemberFolder;
import dev.mlp.controlplane.container.local.StagedInput;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Inputs that are not copied: volumes of an overlay, whose lower layer is the folder that others
 * use too. What the program changes goes to an upper layer of its own.
 *
 * <pre>
 * inputs/N/upper    what the program has changed
 * inputs/N/work     the kernel's own
 * </pre>
 */
final class OverlayInputs {
  /** An input of no more is copied for a user other than root: in some tens of milliseconds. */
  private static final long OWN_BYTES = 64L << 20;

  private final EngineConnection connection;
  private final Labels labels;
  private final Clock clock;

  OverlayInputs(EngineConnection connection, Labels labels, Clock clock) {
    this.connection = connection;
    this.labels = labels;
    this.clock = clock;
  }

  /** Makes the volumes anew. */
  List<Mount> create(
      InstanceGroupSpec group,
      String host,
      MemberFolder folder,
      List<StagedInput> inputs,
      Images.Image image)
      throws IOException {
    remove(group, host, folder);
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      StagedInput input = inputs.get(i);
      Path place = root(folder).resolve(Integer.toString(i));
      Path upper = writable(place.resolve("upper"), image);
      Path work = Files.createDirectories(place.resolve("work"));
      if (!image.isRoot()) {
        giveTo(image, input.tree(), upper);
      }
      String name = labels.volume(group.id(), host, i);
      String options =
          "lowerdir=%s,upperdir=%s,workdir=%s"
              .formatted(
                  escaped(input.tree().toRealPath()),
                  escaped(upper.toRealPath()),
                  escaped(work.toRealPath()));
      connection.call(docker ->
          docker
              .createVolumeCmd()
              .withName(name)
              .withDriver("local")
              .withDriverOpts(Map.of("type", "overlay", "device", "overlay", "o", options))
              .withLabels(labels.ofMember(group, host, clock.instant()))
              .exec());
      mounts.add(
          new Mount()
              .withType(MountType.VOLUME)
              .withSource(name)
              .withTarget("/opt/ml/" + input.input().path())
              .withVolumeOptions(new VolumeOptions().withNoCopy(true)));
    }
    return mounts;
  }

  /** Removes the volumes of a member whose container is gone, and what they have kept. */
  void remove(InstanceGroupSpec group, String host, MemberFolder folder) throws IOException {
    Path root = root(folder);
    if (!Files.exists(root)) {
      return;
    }
    try (var places = Files.list(root)) {
      for (Path place : places.toList()) {
        int number = Integer.parseInt(place.getFileName().toString());
        try {
          connection.call(
              docker -> docker.removeVolumeCmd(labels.volume(group.id(), host, number)).exec());
        } catch (EngineException e) {
          if (!e.notFound()) {
            throw e;
          }
        }
      }
    }
    Folders.delete(root);
  }

  /** What the program has written over its inputs. */
  static long bytes(MemberFolder folder) throws IOException {
    Path root = root(folder);
    if (!Files.exists(root)) {
      return 0;
    }
    long[] total = {0};
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            // The program deletes while we look.
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, java.io.@org.jspecify.annotations.Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return total[0];
  }

  private static Path root(MemberFolder folder) {
    return folder.path().resolve("inputs");
  }

  /**
   * Gives a user other than root the folders, so that it can add, replace and delete files; and the
   * files themselves as its own where they are small together, as code is: scripts are made
   * executable, and configurations written to. Large files stay as they are in the cache, whose
   * owner alone can write to them.
   */
  private static void giveTo(Images.Image image, Path tree, Path upper) throws IOException {
    boolean small = isSmall(tree);
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            writable(upper.resolve(tree.relativize(path).toString()), image);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (small && attributes.isRegularFile()) {
              Path own = upper.resolve(tree.relativize(path).toString());
              Files.copy(path, own, StandardCopyOption.COPY_ATTRIBUTES);
              own(own, image);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isSmall(Path tree) throws IOException {
    long left = OWN_BYTES;
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        left -= Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
        if (left < 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static Path writable(Path folder, Images.Image image) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    own(folder, image);
    return folder;
  }

  private static void own(Path path, Images.Image image) throws IOException {
    if (image.userNumber().isPresent()) {
      Files.setAttribute(path, "unix:uid", image.userNumber().get());
      Files.setAttribute(path, "unix:gid", image.groupNumber().orElse(0));
    }
  }

  /** As the kernel takes a path among an overlay's options. */
  static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:");
  }
}
