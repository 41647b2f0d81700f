package dev.mlp.sdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Files and folders on this machine that are to be uploaded. */
final class LocalData {
  private LocalData() {}

  /**
   * The file itself by its name, or the files below the folder by their names relative to it.
   *
   * @throws InvalidRequestException if nothing is there, or the folder is empty
   */
  static Map<String, Path> filesOf(Path path) {
    if (Files.isRegularFile(path)) {
      return Map.of(String.valueOf(path.getFileName()), path);
    }
    if (!Files.isDirectory(path)) {
      throw new InvalidRequestException("there is no file or folder " + path);
    }
    try {
      Map<String, Path> files = TarGz.files(path);
      if (files.isEmpty()) {
        throw new InvalidRequestException("the folder " + path + " is empty");
      }
      return files;
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidRequestException("cannot read the folder " + path + ": " + e.getMessage());
    }
  }
}
