package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** A folder that is to be collected, wherever it lies. */
public sealed interface OutputFolder {
  /** A folder of this machine; it may be absent. */
  record OnDisk(Path path) implements OutputFolder {}

  /** A folder that is only to be had as a tar stream, such as from a container engine. */
  record AsTar(Opener opener) implements OutputFolder {}

  /** Opens such a stream. */
  @FunctionalInterface
  interface Opener {
    /**
     * The folder's content: names and the targets of hard links are relative to it, the folder
     * itself has none or {@code ./}. Empty where there is no such folder. To be closed by the
     * caller; a stream that is cut short must fail, because it may end between two entries. Asked
     * again for every attempt.
     */
    Optional<InputStream> open() throws IOException;
  }
}
