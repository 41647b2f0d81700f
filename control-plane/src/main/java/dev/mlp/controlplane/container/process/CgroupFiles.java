package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Control groups as files: the same in both of the kernel's versions. */
final class CgroupFiles {
  /** A process that was killed is in its group until the kernel has cleaned up after it. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final int ATTEMPTS = 5;

  private CgroupFiles() {}

  /**
   * Makes the group, and those above it. Another server may remove an empty one above it meanwhile.
   */
  static void create(Path folder) throws IOException {
    for (int i = 1; ; i++) {
      try {
        Files.createDirectories(folder);
        return;
      } catch (NoSuchFileException e) {
        if (i == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** In one write, as the kernel wants it. */
  static void write(Path file, String value) throws IOException {
    Files.writeString(file, value);
  }

  /** A file that is one number; empty where there is no such file, or it says {@code max}. */
  static OptionalLong number(Path file) throws IOException {
    try {
      return parse(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  /** A number from a file of lines {@code KEY NUMBER}; empty where there is none. */
  static OptionalLong number(Path file, String key) throws IOException {
    try {
      return Files.readString(file)
          .lines()
          .filter(line -> line.startsWith(key + " "))
          .findFirst()
          .map(line -> parse(line.substring(key.length() + 1).strip()))
          .orElse(OptionalLong.empty());
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong parse(String text) {
    return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  /** Who is in these groups, or in groups that were made inside them. */
  static Set<Long> processes(Collection<Path> folders) throws IOException {
    Set<Long> found = new LinkedHashSet<>();
    for (Path folder : folders) {
      found.addAll(right(folder));
      found.addAll(processes(inside(folder)));
    }
    return found;
  }

  private static List<Long> right(Path folder) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("cgroup.procs"))) {
      return lines.map(Long::parseLong).toList();
    } catch (NoSuchFileException e) {
      return List.of(); // The group is gone: nobody is in it.
    }
  }

  /** The groups right inside it. */
  static Set<Path> inside(Path folder) throws IOException {
    Set<Path> groups = new LinkedHashSet<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, path -> Files.isDirectory(path))) {
      entries.forEach(groups::add);
    } catch (NoSuchFileException e) {
      return Set.of();
    }
    return groups;
  }

  /**
   * Removes groups without processes, with those inside them.
   *
   * @return whether they are gone
   */
  static boolean remove(Collection<Path> folders) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean gone = true;
    for (Path folder : folders) {
      while (!removeNow(folder)) {
        if (System.nanoTime() > deadline) {
          gone = false;
          break;
        }
        Thread.sleep(PAUSE);
      }
    }
    return gone;
  }

  private static boolean removeNow(Path folder) throws IOException {
    boolean gone = true;
    for (Path group : inside(folder)) {
      gone &= removeNow(group);
    }
    return gone && removeEmpty(folder);
  }

  /** Removes one group unless somebody, or a group, is in it. */
  static boolean removeEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (IOException e) {
      return false; // EBUSY, which has no type of its own.
    }
  }
}
