package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The objects that a folder is made of.
 *
 * @param source for messages
 * @param items by path
 */
record Listing(S3Address source, List<Item> items) {
  private static final int LONGEST_NAME_BYTES = 255;

  /**
   * @param path where it goes: names separated by single slashes; empty for the folder itself
   */
  record Item(String path, StoredObject object) {
    /** A key that ends in a slash stands for a folder; so do the tools that make such objects. */
    boolean isFolder() {
      return object.size() == 0 && object.address().key().endsWith("/");
    }
  }

  Listing {
    items = items.stream().sorted(Comparator.comparing(Item::path)).toList();
  }

  /**
   * Every object below a prefix.
   *
   * <p>Below {@code data/train} or {@code data/train/}, the object {@code data/train/a/b.csv}
   * becomes {@code a/b.csv}; any other key, such as {@code data/train-1.csv} or {@code
   * data/train/}'s own, keeps what follows the last slash of the source's key.
   */
  static Listing below(S3Address source, List<StoredObject> objects) throws StagingException {
    List<Item> items = new ArrayList<>();
    for (StoredObject object : objects) {
      String name = name(source.key(), object.address().key());
      items.add(new Item(path(name, "The object \"" + object.address() + "\""), object));
    }
    return new Listing(source, items);
  }

  private static String name(String prefix, String key) {
    if (prefix.endsWith("/")) {
      return key.substring(prefix.length());
    }
    if (!prefix.isEmpty() && key.startsWith(prefix + "/")) {
      return key.substring(prefix.length() + 1);
    }
    return key.substring(prefix.lastIndexOf('/') + 1);
  }

  /**
   * A name as a path below a folder.
   *
   * @param what for the message
   * @throws StagingException UNUSABLE_KEY where it cannot be one
   */
  static String path(String name, String what) throws StagingException {
    List<String> parts = new ArrayList<>();
    for (String part : name.split("/", -1)) {
      if (part.equals(".") || part.equals("..") || !isFileName(part)) {
        throw new StagingException(Problem.UNUSABLE_KEY, what + " cannot be a file below a folder");
      }
      if (!part.isEmpty()) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  private static boolean isFileName(String part) {
    try {
      return Path.of(part).toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME_BYTES;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * One host's share: object i, in key order, goes to host i mod {@code count}. Folders hold no
   * data and go to every host.
   */
  Listing shard(int index, int count) {
    if (count == 1) {
      return this;
    }
    List<Item> files =
        items.stream()
            .filter(item -> !item.isFolder())
            .sorted(Comparator.comparing(item -> item.object().address().key()))
            .toList();
    List<Item> mine = new ArrayList<>(items.stream().filter(Item::isFolder).toList());
    IntStream.range(0, files.size())
        .filter(i -> i % count == index)
        .forEach(i -> mine.add(files.get(i)));
    return new Listing(source, mine);
  }

  /**
   * @throws StagingException UNUSABLE_KEY where two objects would be the same file, or one a folder
   *     of the other
   */
  void checkPaths() throws StagingException {
    Set<String> folders = new HashSet<>();
    folders.add("");
    for (Item item : items) {
      String folder = item.isFolder() ? item.path() : parent(item.path());
      while (folders.add(folder)) {
        folder = parent(folder);
      }
    }
    Set<String> files = new HashSet<>();
    for (Item item : items) {
      if (!item.isFolder() && (folders.contains(item.path()) || !files.add(item.path()))) {
        throw new StagingException(
            Problem.UNUSABLE_KEY,
            "The object \""
                + item.object().address()
                + "\" and another one would be the same file or folder");
      }
    }
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  List<Item> files() {
    return items.stream().filter(item -> !item.isFolder()).toList();
  }

  long bytes() {
    return items.stream().mapToLong(item -> item.object().size()).sum();
  }
}
