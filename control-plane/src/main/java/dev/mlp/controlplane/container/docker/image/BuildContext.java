package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What an engine needs to build a part of a Dockerfile: the files that it copies, and no others.
 *
 * @param files path in the context → file
 */
record BuildContext(SortedMap<String, Path> files) {
  /**
   * @param home the folder that the paths in the Dockerfile start from
   * @throws NoSuchFileException naming a path or pattern that matches nothing
   */
  static BuildContext of(Path home, String part) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    for (String source : Dockerfile.sources(part)) {
      int slash = source.lastIndexOf('/') + 1;
      Path folder = home.resolve(source.substring(0, slash));
      int before = files.size();
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> matches =
            Files.newDirectoryStream(folder, source.substring(slash))) {
          for (Path match : matches) {
            addTree(home, match, files);
          }
        }
      }
      if (files.size() == before) {
        throw new NoSuchFileException(
            home.resolve(source).toString(), null, "is not there: build the project first");
      }
    }
    return new BuildContext(files);
  }

  private static void addTree(Path home, Path path, SortedMap<String, Path> files)
      throws IOException {
    try (Stream<Path> tree = Files.walk(path)) {
      tree.filter(Files::isRegularFile)
          .forEach(file -> files.put(home.relativize(file).toString(), file));
    }
  }

  /** Names the content: the same instructions on the same files have the same one. */
  String hash(String part, FileHashes hashes) throws IOException {
    var digest = FileHashes.sha256();
    digest.update(Dockerfile.instructions(part).getBytes(UTF_8));
    for (var file : files.entrySet()) {
      digest.update((byte) 0);
      digest.update(file.getKey().getBytes(UTF_8));
      digest.update((byte) 0);
      digest.update(hashes.of(file.getValue()).getBytes(UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 6);
  }

  /** Writes the archive that the engine reads. */
  void write(String dockerfile, OutputStream out) throws IOException {
    try (ImageArchive archive = new ImageArchive(out)) {
      archive.text("Dockerfile", dockerfile);
      for (var file : files.entrySet()) {
        archive.file(file.getKey(), file.getValue(), 0644);
      }
    }
  }
}
