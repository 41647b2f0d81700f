package dev.mlp.sdk;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Makes model.tar.gz from what people have: a folder, a tar.gz or a zip. The model server wants
 * {@code <digits>/saved_model.pb}; a bare SavedModel becomes version 1. A tar.gz that is right
 * already goes as it is.
 */
final class ModelArchive {
  private static final String SAVED_MODEL = "saved_model.pb";
  private static final String CODE = "code/";
  private static final Pattern VERSION = Pattern.compile("\\d+");
  private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};

  private ModelArchive() {}

  /**
   * What is to be done with the entries of an archive.
   *
   * <ul>
   *   <li>{@link AsIs}: the versions are in place, or nothing in it is a SavedModel.
   *   <li>{@link Wrap}: a bare SavedModel below {@code folder}.
   * </ul>
   */
  sealed interface Layout {
    /** Nothing. */
    record AsIs(boolean hasSavedModel) implements Layout {}

    /** Everything below {@code folder} (empty, or ending in a slash) moves to {@code 1/}. */
    record Wrap(String folder) implements Layout {}

    /** The entry's new name; empty when it is left out. */
    default String rename(String entry) {
      return switch (this) {
        case AsIs ignored -> entry;
        case Wrap(String folder) ->
            entry.startsWith(CODE)
                ? entry
                : entry.startsWith(folder) ? "1/" + entry.substring(folder.length()) : "";
      };
    }
  }

  /**
   * Looks at the names of an archive's files.
   *
   * @throws InvalidRequestException if several bare SavedModels are in it
   */
  static Layout layout(Collection<String> entries) {
    Set<String> folders = new TreeSet<>();
    for (String entry : entries) {
      if (entry.equals(SAVED_MODEL) || entry.endsWith("/" + SAVED_MODEL)) {
        folders.add(entry.substring(0, entry.length() - SAVED_MODEL.length()));
      }
    }
    if (folders.stream().anyMatch(ModelArchive::isVersion)) {
      return new Layout.AsIs(true);
    }
    if (folders.isEmpty()) {
      return new Layout.AsIs(false);
    }
    if (folders.size() > 1) {
      throw new InvalidRequestException(
          "several SavedModels and none in a numbered folder: " + String.join(", ", folders));
    }
    return new Layout.Wrap(folders.iterator().next());
  }

  private static boolean isVersion(String folder) {
    String path = folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder;
    return VERSION.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
  }

  /**
   * Gives the archive to upload: {@code source} itself, or a new file in {@code workFolder}.
   *
   * @param requireSavedModel refuse what holds no SavedModel
   * @throws InvalidRequestException if {@code source} is neither a folder nor a tar.gz or zip
   */
  static Path prepare(Path source, Path workFolder, boolean requireSavedModel) {
    try {
      if (Files.isDirectory(source)) {
        Map<String, Path> files = TarGz.files(source);
        return write(files, plan(source, files.keySet(), requireSavedModel), workFolder);
      }
      if (!Files.isRegularFile(source)) {
        throw new InvalidRequestException("there is no model at " + source);
      }
      byte[] head = head(source);
      if (startsWith(head, GZIP_MAGIC)) {
        Layout layout = plan(source, tarNames(source), requireSavedModel);
        return layout instanceof Layout.AsIs ? source : repack(source, layout, workFolder);
      }
      if (startsWith(head, ZIP_MAGIC)) {
        Path unpacked = unzip(source, Files.createDirectory(workFolder.resolve("zip")));
        Map<String, Path> files = TarGz.files(unpacked);
        return write(files, plan(source, files.keySet(), requireSavedModel), workFolder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the model " + source + ": " + e.getMessage(), e);
    }
    throw new InvalidRequestException(
        "a model is a folder, a tar.gz or a zip, and " + source + " is none of them");
  }

  /** Removes a folder that {@link #prepare} worked in. */
  static void remove(Path workFolder) {
    try (Stream<Path> walk = Files.walk(workFolder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + workFolder, e);
    }
  }

  private static Layout plan(Path source, Collection<String> names, boolean requireSavedModel) {
    Layout layout = layout(names);
    if (requireSavedModel && layout instanceof Layout.AsIs(boolean found) && !found) {
      throw new InvalidRequestException(
          "there is no SavedModel in "
              + source
              + ": expected saved_model.pb, or <version>/saved_model.pb");
    }
    return layout;
  }

  private static Path write(Map<String, Path> files, Layout layout, Path workFolder)
      throws IOException {
    Map<String, Path> renamed = new TreeMap<>();
    files.forEach((name, file) -> {
      String target = layout.rename(name);
      if (!target.isEmpty()) {
        renamed.put(target, file);
      }
    });
    Path archive = workFolder.resolve("model.tar.gz");
    try (TarGz tar = new TarGz(archive)) {
      for (Map.Entry<String, Path> file : renamed.entrySet()) {
        tar.add(file.getKey(), file.getValue());
      }
    }
    return archive;
  }

  private static List<String> tarNames(Path source) throws IOException {
    try (TarArchiveInputStream tar = openTar(source)) {
      List<String> names = new ArrayList<>();
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(clean(entry.getName()));
      }
      return names;
    }
  }

  private static Path repack(Path source, Layout layout, Path workFolder) throws IOException {
    Path unpacked = Files.createDirectory(workFolder.resolve("tar"));
    try (TarArchiveInputStream tar = openTar(source)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          extract(tar, clean(entry.getName()), unpacked);
        }
      }
    }
    return write(TarGz.files(unpacked), layout, workFolder);
  }

  private static Path unzip(Path source, Path target) throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(source)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = clean(entry.getName());
        // What macOS adds to its zips would otherwise travel along with every model.
        if (!entry.isDirectory() && !name.startsWith("__MACOSX/")) {
          extract(zip, name, target);
        }
      }
    }
    return target;
  }

  private static void extract(InputStream content, String name, Path folder) throws IOException {
    Path target = folder.resolve(name).normalize();
    if (!target.startsWith(folder) || name.isEmpty()) {
      throw new InvalidRequestException("the archive has an entry outside of itself: " + name);
    }
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.copy(content, target);
  }

  private static TarArchiveInputStream openTar(Path source) throws IOException {
    InputStream file = new BufferedInputStream(Files.newInputStream(source));
    try {
      return new TarArchiveInputStream(new GZIPInputStream(file), "UTF-8");
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static String clean(String name) {
    String clean = name.replace('\\', '/');
    while (clean.startsWith("./")) {
      clean = clean.substring(2);
    }
    return clean;
  }

  private static byte[] head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(ZIP_MAGIC.length);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
