package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.local.MemberFolder;
import dev.mlp.controlplane.container.local.StagedInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Puts inputs where the program finds them. The program runs as this server's user, and could write
 * to the trees that others use too: it gets overlays over them, or copies.
 *
 * <pre>
 * views/N/{upper,work}   what the program writes to input N's overlay
 * views/opt              what it writes to /opt
 * state/mounts           what the shim mounts; absent for nothing
 * </pre>
 */
final class InputPlacement {
  /** The name of the table in the state folder. */
  static final String MOUNTS = "mounts";

  private final MemberSpec spec;
  private final MemberFolder folder;
  private final MountNamespaces namespaces;

  InputPlacement(MemberSpec spec, MemberFolder folder, MountNamespaces namespaces) {
    this.spec = spec;
    this.folder = folder;
    this.namespaces = namespaces;
  }

  /**
   * Does it; again is harmless, before the program was started.
   *
   * @return whether anything was copied
   */
  boolean place(List<StagedInput> inputs, Consumer<String> progress)
      throws IOException, InterruptedException {
    boolean copied = false;
    MountTable mounts = namespaces.table();
    // One inside another comes after it.
    List<StagedInput> sorted =
        inputs.stream().sorted(Comparator.comparing(input -> path(input.input()))).toList();
    Path views = folder.path().resolve("views");
    for (int i = 0; i < sorted.size(); i++) {
      StagedInput staged = sorted.get(i);
      Path target = folder.ml().resolve(path(staged.input()));
      if (canOverlay(staged)) {
        Files.createDirectories(target);
        mounts.overlay(staged.tree(), target, views.resolve(Integer.toString(i)));
      } else {
        new TreeCopy(staged.tree(), target)
            .run(text -> progress.accept("copying " + staged.input().path() + ": " + text));
        copied = true;
      }
    }
    namespaces.addContainerFolder(mounts, folder.ml(), views.resolve("opt"));
    if (!mounts.isEmpty()) {
      folder.write(MOUNTS, mounts.text());
    }
    return copied;
  }

  /** Nobody but the instance sees an overlay: outputs are collected from the real folder. */
  private boolean canOverlay(StagedInput staged) {
    Path path = path(staged.input());
    Stream<Path> others =
        Stream.of(
                spec.outputs().stream().map(Output::path).map(Path::of),
                Stream.of(Path.of(spec.failureFile())),
                spec.inputs().stream()
                    .filter(input -> !input.equals(staged.input()))
                    .map(InputPlacement::path))
            .flatMap(paths -> paths);
    return namespaces.programs().isPresent()
        && MountTable.canName(staged.tree())
        && MountTable.canName(folder.ml().resolve(path))
        && others
            .map(Path::normalize)
            .noneMatch(other -> other.startsWith(path) || path.startsWith(other));
  }

  private static Path path(Input input) {
    return Path.of(input.path()).normalize();
  }
}
