package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What in the cache is needed: by holders, which is on disk and outlives the process, and by
 * stagings that are under way. Nothing that is needed can be taken away.
 */
final class CacheUses {
  private static final Pattern USE = Pattern.compile("([0-9A-Za-z-]+)\\.([0-9a-f]+)");

  private final CacheFolder folder;
  private final Object lock = new Object();

  /** The trees of each holder, by its file name. */
  private final Map<String, Set<Path>> holders = new HashMap<>();

  /** Blobs and trees by the number of stagings that need them. */
  private final Map<Path, Integer> claims = new HashMap<>();

  private CacheUses(CacheFolder folder) {
    this.folder = folder;
  }

  static CacheUses load(CacheFolder folder) throws IOException {
    CacheUses uses = new CacheUses(folder);
    for (Path holder :
        CacheFolder.list(folder.uses()).stream().filter(Files::isDirectory).toList()) {
      Set<Path> trees = new HashSet<>();
      for (Path use : CacheFolder.list(holder)) {
        Matcher tree = USE.matcher(use.getFileName().toString());
        if (tree.matches()) {
          trees.add(folder.tree(tree.group(1), tree.group(2)));
        }
      }
      uses.holders.put(holder.getFileName().toString(), trees);
    }
    return uses;
  }

  /** Needs them until the claim is closed, whether they are there yet or not. */
  Claim claim(Collection<Path> entries) {
    List<Path> mine = List.copyOf(entries);
    synchronized (lock) {
      mine.forEach(entry -> claims.merge(entry, 1, Integer::sum));
    }
    return () -> {
      synchronized (lock) {
        mine.forEach(entry -> claims.computeIfPresent(entry, (path, n) -> n == 1 ? null : n - 1));
      }
    };
  }

  /** What a staging needs. */
  interface Claim extends AutoCloseable {
    @Override
    void close();
  }

  /** The holder needs the tree from now on; the caller has a claim on it. */
  void hold(String holder, Path tree) throws IOException {
    String name = fileName(holder);
    Path account = tree.getParent() == null ? null : tree.getParent().getParent();
    if (account == null) {
      throw new IllegalArgumentException(tree + " is no tree");
    }
    Path use =
        Files.createDirectories(folder.uses().resolve(name))
            .resolve(account.getFileName() + "." + tree.getFileName());
    try {
      Files.createFile(use);
    } catch (FileAlreadyExistsException e) {
      // It has held it before.
    }
    synchronized (lock) {
      holders.computeIfAbsent(name, key -> new HashSet<>()).add(tree);
    }
  }

  void release(String holder) throws IOException {
    releaseFile(fileName(holder));
  }

  void retain(Set<String> stay) throws IOException {
    Set<String> names = stay.stream().map(CacheUses::fileName).collect(Collectors.toSet());
    List<String> gone;
    synchronized (lock) {
      gone = holders.keySet().stream().filter(name -> !names.contains(name)).toList();
    }
    for (String name : gone) {
      releaseFile(name);
    }
  }

  private void releaseFile(String name) throws IOException {
    Folders.delete(folder.uses().resolve(name));
    synchronized (lock) {
      holders.remove(name);
    }
  }

  /**
   * Moves an entry away, unless it is needed or, being a blob, is in a tree.
   *
   * @return whether it was moved
   */
  boolean takeAway(Path entry, Path to) throws IOException {
    // Under the lock, though it is I/O: between the question and the rename nobody may begin to
    // need it. A rename takes some ten microseconds.
    synchronized (lock) {
      if (claims.containsKey(entry)
          || holders.values().stream().anyMatch(trees -> trees.contains(entry))) {
        return false;
      }
      try {
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
            && (Integer) Files.getAttribute(entry, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1) {
          return false;
        }
        Files.move(entry, to, StandardCopyOption.ATOMIC_MOVE);
        return true;
      } catch (NoSuchFileException e) {
        return false;
      }
    }
  }

  /** Any text as the name of a file. */
  private static String fileName(String holder) {
    String name = URLEncoder.encode(holder, StandardCharsets.UTF_8).replace(".", "%2E");
    if (name.isEmpty() || name.length() > 255) {
      throw new IllegalArgumentException("holder '" + holder + "': expected 1 to 80 characters");
    }
    return name;
  }
}
