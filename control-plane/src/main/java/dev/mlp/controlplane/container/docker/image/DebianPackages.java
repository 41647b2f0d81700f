package dev.mlp.controlplane.container.docker.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is installed on a Debian-like system, as its package database tells. */
final class DebianPackages {
  private static final String DATABASE = "var/lib/dpkg";

  /**
   * One installed package.
   *
   * @param needs groups of alternatives, each of which needs one
   */
  record Installed(
      String name,
      String version,
      String architecture,
      boolean isEssential,
      List<List<String>> needs) {}

  private final Path root;
  private final Map<String, Installed> installed = new HashMap<>();
  private final Map<String, String> provided = new HashMap<>();

  private DebianPackages(Path root) {
    this.root = root;
  }

  static boolean areAt(Path root) {
    return Files.isReadable(root.resolve(DATABASE).resolve("status"));
  }

  static DebianPackages read(Path root) throws IOException {
    DebianPackages packages = new DebianPackages(root);
    List<Map<String, String>> all = paragraphs(root.resolve(DATABASE).resolve("status"));
    String own =
        all.stream()
            .filter(one -> "dpkg".equals(one.get("Package")) || "libc6".equals(one.get("Package")))
            .map(one -> one.getOrDefault("Architecture", "all"))
            .findFirst()
            .orElse("all");
    for (Map<String, String> one : all) {
      String architecture = one.getOrDefault("Architecture", "all");
      boolean isUsable = architecture.equals(own) || architecture.equals("all");
      if (isUsable && one.getOrDefault("Status", "").endsWith(" ok installed")) {
        packages.add(one, architecture);
      }
    }
    return packages;
  }

  private void add(Map<String, String> fields, String architecture) {
    String name = fields.getOrDefault("Package", "");
    List<List<String>> needs = new ArrayList<>(groups(fields.get("Depends")));
    needs.addAll(groups(fields.get("Pre-Depends")));
    installed.put(
        name,
        new Installed(
            name,
            fields.getOrDefault("Version", ""),
            architecture,
            "yes".equals(fields.get("Essential")),
            needs));
    for (List<String> group : groups(fields.get("Provides"))) {
      group.forEach(other -> provided.putIfAbsent(other, name));
    }
  }

  /**
   * The essential packages, those named that are installed, and all that they need.
   *
   * @param without packages that are left out, with what only they need
   * @return by name
   */
  SortedMap<String, Installed> closure(Collection<String> names, Set<String> without) {
    SortedMap<String, Installed> closure = new TreeMap<>();
    Deque<String> open = new ArrayDeque<>(names);
    installed.values().stream().filter(Installed::isEssential).forEach(one -> open.add(one.name()));
    while (!open.isEmpty()) {
      String name = open.pop();
      Installed one = installed.get(name);
      if (one == null || without.contains(name) || closure.putIfAbsent(name, one) != null) {
        continue;
      }
      for (List<String> group : one.needs()) {
        // The first alternative that is there: installed itself, or provided by another.
        group.stream()
            .map(need -> installed.containsKey(need) ? need : provided.getOrDefault(need, ""))
            .filter(need -> !need.isEmpty())
            .findFirst()
            .ifPresent(open::push);
      }
    }
    return closure;
  }

  boolean has(String name) {
    return installed.containsKey(name);
  }

  /** The paths that a package brought, absolute, as it names them. */
  List<String> files(Installed one) throws IOException {
    Path info = root.resolve(DATABASE).resolve("info");
    Path list = info.resolve(one.name() + ":" + one.architecture() + ".list");
    return Files.readAllLines(Files.exists(list) ? list : info.resolve(one.name() + ".list"));
  }

  /** {@code a (>= 1), b | c:any} becomes [[a], [b, c]]. */
  private static List<List<String>> groups(@Nullable String field) {
    if (field == null || field.isBlank()) {
      return List.of();
    }
    return Arrays.stream(field.split(",", -1))
        .map(group ->
            Arrays.stream(group.split("\\|", -1))
                .map(word -> word.strip().replaceFirst("[ (:\\[].*", ""))
                .filter(word -> !word.isEmpty())
                .toList())
        .filter(group -> !group.isEmpty())
        .collect(Collectors.toList());
  }

  private static List<Map<String, String>> paragraphs(Path file) throws IOException {
    List<Map<String, String>> paragraphs = new ArrayList<>();
    Map<String, String> fields = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int colon = line.indexOf(':');
      if (line.isEmpty()) {
        paragraphs.add(fields);
        fields = new HashMap<>();
      } else if (colon > 0 && line.charAt(0) != ' ') {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    paragraphs.add(fields);
    return paragraphs;
  }
}
