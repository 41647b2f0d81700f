package dev.mlp.inference.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A SavedModel on disk.
 *
 * @param name the folder above the version's, {@code model} if that is the root itself
 * @param version the number that the folder is named for
 * @param path the folder that holds saved_model.pb
 */
public record ModelDirectory(String name, long version, Path path) {
  private static final String GRAPH_FILE = "saved_model.pb";
  private static final String DEFAULT_NAME = "model";

  /** More digits would not fit a version's 64 bits. */
  private static final int MAX_DIGITS = 18;

  private static final int LISTED_FILES = 20;

  /**
   * Every {@code <digits>/saved_model.pb} below the root, by name, then version.
   *
   * @throws NoModelException if there is none, or two claim one name and version
   */
  public static List<ModelDirectory> find(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new NoModelException(
          "no SavedModel bundles found! The model folder " + root + " does not exist.");
    }
    Path realRoot = root.toRealPath();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(realRoot)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    List<ModelDirectory> found =
        files.stream()
            .map(file -> of(realRoot, file))
            .flatMap(Optional::stream)
            .sorted(
                Comparator.comparing(ModelDirectory::name)
                    .thenComparingLong(ModelDirectory::version))
            .toList();
    if (found.isEmpty()) {
      throw new NoModelException(
          "no SavedModel bundles found! Expected <digits>/saved_model.pb, for example 1/saved_model.pb"
              + " or my-model/1/saved_model.pb, below "
              + root
              + ", which holds "
              + describe(realRoot, files)
              + ".");
    }
    requireDistinct(found);
    return found;
  }

  private static Optional<ModelDirectory> of(Path root, Path file) {
    Path folder = file.getParent();
    if (!file.endsWith(GRAPH_FILE) || folder == null || folder.equals(root)) {
      return Optional.empty();
    }
    String version = folder.getFileName().toString();
    if (version.length() > MAX_DIGITS || !version.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    Path above = folder.getParent();
    String name =
        above == null || above.equals(root) ? DEFAULT_NAME : above.getFileName().toString();
    return Optional.of(new ModelDirectory(name, Long.parseLong(version), folder));
  }

  private static void requireDistinct(List<ModelDirectory> sorted) {
    for (int i = 1; i < sorted.size(); i++) {
      ModelDirectory one = sorted.get(i - 1);
      ModelDirectory other = sorted.get(i);
      if (one.name.equals(other.name) && one.version == other.version) {
        throw new NoModelException(
            "Two SavedModels are both version "
                + one.version
                + " of model "
                + one.name
                + ": "
                + one.path
                + " and "
                + other.path
                + ".");
      }
    }
  }

  private static String describe(Path root, List<Path> files) {
    if (files.isEmpty()) {
      return "no files";
    }
    String listed =
        files.stream()
            .limit(LISTED_FILES)
            .map(file -> root.relativize(file).toString())
            .collect(Collectors.joining(", "));
    return files.size() <= LISTED_FILES
        ? listed
        : listed + " and " + (files.size() - LISTED_FILES) + " more files";
  }
}
