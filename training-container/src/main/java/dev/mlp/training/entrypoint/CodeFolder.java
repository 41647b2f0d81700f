package dev.mlp.training.entrypoint;

import dev.mlp.training.contract.MlPaths;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Sees to it that the user's program lies in the code folder. */
final class CodeFolder {
  private static final int NAMES_IN_MESSAGE = 10;

  private CodeFolder() {}

  /**
   * Fills an empty code folder from a path of the instance: a folder, a {@code tar.gz} or a file. A
   * folder that holds anything is left as it is.
   *
   * @param address {@code sagemaker_submit_directory}
   */
  static void provide(MlPaths paths, String address) throws IOException, ClientErrorException {
    Path code = paths.code();
    Files.createDirectories(code);
    if (!isEmpty(code)) {
      return;
    }
    if (address.startsWith("s3://")) {
      throw new ClientErrorException(
          "The code folder "
              + code
              + " is empty. The platform unpacks "
              + address
              + " (sagemaker_submit_directory) there before the program starts; this has not"
              + " happened, or the archive holds no file.");
    }
    Path source = paths.locate(address.startsWith("file://") ? address.substring(7) : address);
    if (source.equals(code)) {
      throw new ClientErrorException(
          "The code folder " + code + " is empty, and sagemaker_submit_directory names no other");
    } else if (Files.isDirectory(source)) {
      copy(source, code);
    } else if (Files.isRegularFile(source)) {
      if (isGzip(source)) {
        CodeArchive.extract(source, code);
      } else {
        Files.copy(source, code.resolve(source.getFileName()));
      }
    } else {
      throw new ClientErrorException(
          "sagemaker_submit_directory is " + address + ", and there is no such file or folder");
    }
  }

  /**
   * The user's file.
   *
   * @throws ClientErrorException when it is not there, or outside the code folder
   */
  static Path program(Path code, String name) throws IOException, ClientErrorException {
    Path file = code.resolve(name).normalize();
    if (name.startsWith("-") || !file.startsWith(code)) {
      throw outside(name);
    }
    if (!Files.isRegularFile(file)) {
      throw new ClientErrorException(
          "The program "
              + name
              + " (sagemaker_program) is not in the code folder, which holds: "
              + content(code));
    }
    if (!file.toRealPath().startsWith(code.toRealPath())) {
      throw outside(name);
    }
    return file;
  }

  /**
   * Makes the user's file executable. Where inputs are mounted it belongs to the user of the host,
   * while this process may have another one, which can replace the file but not change its mode.
   *
   * @throws ClientErrorException when neither is allowed
   */
  static void makeExecutable(Path file, String name) throws ClientErrorException {
    if (Files.isExecutable(file) || file.toFile().setExecutable(true, false)) {
      return;
    }
    Path copy = file.resolveSibling(file.getFileName() + ".mlp-executable");
    try {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      if (!copy.toFile().setExecutable(true, false)) {
        throw new IOException(copy + " belongs to another user");
      }
      Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new ClientErrorException(
          "The program "
              + name
              + " cannot be made executable: it belongs to another user, and its folder cannot be"
              + " written to ("
              + e
              + ")");
    }
  }

  private static ClientErrorException outside(String name) {
    return new ClientErrorException(
        "The program "
            + name
            + " cannot be run: sagemaker_program must be a path inside the code folder, such as"
            + " train.py or bin/train.sh");
  }

  private static String content(Path code) throws IOException {
    List<String> names = new ArrayList<>();
    try (var files = Files.newDirectoryStream(code)) {
      for (Path file : files) {
        names.add(file.getFileName() + (Files.isDirectory(file) ? "/" : ""));
      }
    }
    Collections.sort(names);
    int count = names.size();
    return count <= NAMES_IN_MESSAGE
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMES_IN_MESSAGE)) + " … (" + count + " in all)";
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var files = Files.newDirectoryStream(folder)) {
      return !files.iterator().hasNext();
    }
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
