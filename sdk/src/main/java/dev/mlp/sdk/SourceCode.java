package dev.mlp.sdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program of the user's: one file, or a folder and the file in it to start.
 *
 * @param directory the folder that is sent; absent when the entry point is sent alone
 * @param entryPoint the file to start
 * @param program its name in the archive
 */
record SourceCode(Optional<Path> directory, Path entryPoint, String program) {

  /**
   * Finds the entry point: as a path of its own, or inside {@code directory}.
   *
   * @throws InvalidRequestException if it is not there
   */
  static SourceCode of(Path entryPoint, @Nullable Path directory) {
    if (directory == null) {
      if (!Files.isRegularFile(entryPoint)) {
        throw new InvalidRequestException("the entry point is not a file: " + entryPoint);
      }
      return new SourceCode(Optional.empty(), entryPoint, entryPoint.getFileName().toString());
    }
    if (!Files.isDirectory(directory)) {
      throw new InvalidRequestException("the source folder is not a folder: " + directory);
    }
    Path root = directory.toAbsolutePath().normalize();
    Path inside = root.resolve(entryPoint).normalize();
    Path file =
        inside.startsWith(root) && Files.isRegularFile(inside)
            ? inside
            : entryPoint.toAbsolutePath().normalize();
    if (!file.startsWith(root) || !Files.isRegularFile(file)) {
      throw new InvalidRequestException(
          "the entry point " + entryPoint + " is not in the source folder " + directory);
    }
    String program =
        root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/");
    return new SourceCode(Optional.of(root), file, program);
  }

  /** Packs {@code directory} alone: for a request that names its program itself. */
  static void pack(Path directory, Path target) {
    try (TarGz archive = new TarGz(target)) {
      for (Map.Entry<String, Path> file : TarGz.files(directory).entrySet()) {
        archive.add(file.getKey(), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot pack " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Writes sourcedir.tar.gz. */
  void pack(Path target) {
    if (directory.isPresent()) {
      pack(directory.get(), target);
      return;
    }
    try (TarGz archive = new TarGz(target)) {
      archive.add(program, entryPoint);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot pack " + entryPoint + ": " + e.getMessage(), e);
    }
  }
}
