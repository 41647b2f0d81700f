package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlp.controlplane.container.docker.image.DebianPackages.Installed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A base for images, made of this machine's own system where no registry has one: the files of its
 * packages as they are here, and the Java that runs this. Only what everybody on this machine may
 * read goes in, so no secret does; nothing keeps the set-user-id bit.
 */
final class MachineSystem {
  /** The folder in the archive that stands for the image's {@code /}. */
  static final String ROOT = "root";

  static final String JAVA_HOME = "/opt/java/openjdk";

  private static final List<String> WANTED =
      List.of(
          "ca-certificates",
          "libgomp1",
          "libstdc++6",
          "netbase",
          "openssl",
          "procps",
          "python3",
          "python3-pip",
          "python3-venv",
          "tzdata",
          "unzip",
          "xz-utils",
          "bzip2",
          "fontconfig",
          "libfreetype6");

  /** An image has no package database: what would use it is left out. */
  private static final Set<String> WITHOUT =
      Set.of("apt", "debconf", "dpkg", "init-system-helpers", "sysvinit-utils", "systemd", "ucf");

  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "usr/share/(doc|man|info|locale|lintian|bug|menu|pixmaps|applications|doc-base|icons"
              + "|bash-completion|perl5)/.*"
              + "|usr/lib/(systemd|udev)/.*|usr/include/.*|etc/(init\\.d|cron.*|default|systemd)/.*"
              + "|usr/lib/python3[^/]*/(test|idlelib|turtledemo|lib2to3/tests)/.*"
              + "|.*\\.(a|la)");

  private static final Pattern LEFT_OUT_OF_JAVA =
      Pattern.compile(
          "(man|include|jmods|sample|demo)/.*|lib/src\\.zip|lib/ct\\.sym|lib/server/classes_.*_?coh\\.jsa");

  private static final String USERS =
      "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n";
  private static final String GROUPS = "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n";

  private sealed interface Entry {
    record Folder(int mode) implements Entry {}

    record Copy(Path file, int mode) implements Entry {}

    record Link(String target) implements Entry {}

    record Text(String content) implements Entry {}
  }

  private final Path root;
  private final Path java;
  private final DebianPackages packages;
  private final SortedMap<String, Installed> chosen;

  private MachineSystem(Path root, Path java, DebianPackages packages) {
    this.root = root;
    this.java = java;
    this.packages = packages;
    this.chosen = packages.closure(WANTED, WITHOUT);
  }

  /**
   * @param root the system's folder {@code /}
   * @param java the folder of a JDK
   * @throws IOException if the system is of no known kind
   */
  static MachineSystem of(Path root, Path java) throws IOException {
    if (!DebianPackages.areAt(root)) {
      throw new IOException(
          "no base can be made of this machine: only Debian and its kin are known;"
              + " name an image that the engine has, with --base IMAGE");
    }
    return new MachineSystem(root.toRealPath(), java.toRealPath(), DebianPackages.read(root));
  }

  boolean hasPython() {
    return packages.has("python3");
  }

  /** Changes with what the base would be made of. */
  String identity() throws IOException {
    var digest = FileHashes.sha256();
    for (Installed one : chosen.values()) {
      digest.update((one.name() + "=" + one.version() + "\n").getBytes(UTF_8));
    }
    digest.update(Files.readAllBytes(java.resolve("release")));
    return HexFormat.of().formatHex(digest.digest(), 0, 6);
  }

  /** Writes all of it as the context of a build, below {@link #ROOT}. */
  void write(String dockerfile, OutputStream out) throws IOException {
    SortedMap<String, Entry> entries = entries();
    try (ImageArchive archive = new ImageArchive(out)) {
      archive.text("Dockerfile", dockerfile);
      for (Map.Entry<String, Entry> each : entries.entrySet()) {
        String name = ROOT + "/" + each.getKey();
        switch (each.getValue()) {
          case Entry.Folder folder -> archive.folder(name, folder.mode());
          case Entry.Copy copy -> archive.file(name, copy.file(), copy.mode());
          case Entry.Link link -> archive.link(name, link.target());
          case Entry.Text text -> archive.text(name, text.content());
        }
      }
    }
  }

  private SortedMap<String, Entry> entries() throws IOException {
    SortedMap<String, Entry> entries = new TreeMap<>();
    try (Stream<Path> top = Files.list(root)) {
      // bin, lib and others, which are links into usr where the two are merged
      for (Path path : top.filter(Files::isSymbolicLink).toList()) {
        String target = Files.readSymbolicLink(path).toString();
        if (target.matches("/?usr/\\w+")) {
          entries.put(name(path), new Entry.Link(target));
        }
      }
    }
    for (Installed one : chosen.values()) {
      for (String file : packages.files(one)) {
        addPackaged(root.resolve(file.substring(1)).normalize(), entries);
      }
    }
    addAlternatives(entries);
    addTree(root.resolve("etc/ssl/certs"), entries);
    addJava(entries);
    for (String folder : List.of("dev", "etc", "home", "opt", "proc", "run", "sys", "var")) {
      entries.put(folder, new Entry.Folder(0755));
    }
    entries.put("root", new Entry.Folder(0700));
    entries.put("tmp", new Entry.Folder(01777));
    entries.put("var/tmp", new Entry.Folder(01777));
    entries.put("etc/passwd", new Entry.Text(USERS));
    entries.put("etc/group", new Entry.Text(GROUPS));
    entries.put(
        "etc/nsswitch.conf", new Entry.Text("passwd: files\ngroup: files\nhosts: files dns\n"));
    return entries;
  }

  private void addPackaged(Path listed, SortedMap<String, Entry> entries) throws IOException {
    Path parent = listed.getParent();
    if (parent == null || listed.equals(root) || !Files.isDirectory(parent)) {
      return;
    }
    // A package says /bin/sh where the system has /usr/bin/sh.
    Path path = parent.toRealPath().resolve(listed.getFileName());
    if (!path.startsWith(root) || LEFT_OUT.matcher(name(path) + "/").matches()) {
      return;
    }
    add(path, entries);
    String file = path.getFileName().toString();
    if (file.endsWith(".py")) {
      // Compiled when the package was installed. The images' user could not keep what it compiles.
      String prefix = file.substring(0, file.length() - 2) + "cpython-";
      Path compiled = path.resolveSibling("__pycache__");
      if (Files.isDirectory(compiled)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(compiled, prefix + "*.pyc")) {
          for (Path each : files) {
            if (!each.toString().contains(".opt-")) {
              add(each, entries);
            }
          }
        }
      }
    }
  }

  private void add(Path path, SortedMap<String, Entry> entries) throws IOException {
    String name = name(path);
    if (entries.containsKey(name) || LEFT_OUT.matcher(name).matches()) {
      return;
    }
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return; // removed by the administrator
    }
    if (attributes.isSymbolicLink()) {
      entries.put(name, new Entry.Link(Files.readSymbolicLink(path).toString()));
    } else if (attributes.isDirectory()) {
      entries.put(name, new Entry.Folder(0755));
    } else if (attributes.isRegularFile()) {
      int mode = mode(path);
      if ((mode & 0004) != 0) {
        entries.put(name, new Entry.Copy(path, mode));
      }
    }
  }

  /** Names such as awk, which an administrator's choice links to a program of a package. */
  private void addAlternatives(SortedMap<String, Entry> entries) throws IOException {
    Path alternatives = root.resolve("etc/alternatives");
    if (!Files.isDirectory(alternatives)) {
      return;
    }
    try (Stream<Path> programs = Files.list(root.resolve("usr/bin"))) {
      for (Path program : programs.filter(Files::isSymbolicLink).toList()) {
        Path link = Files.readSymbolicLink(program);
        if (!link.startsWith("/etc/alternatives")) {
          continue;
        }
        Path alternative = alternatives.resolve(link.getFileName());
        if (Files.isSymbolicLink(alternative)
            && entries.containsKey(Files.readSymbolicLink(alternative).toString().substring(1))) {
          add(alternative, entries);
          add(program, entries);
        }
      }
    }
    entries.putIfAbsent("etc/alternatives", new Entry.Folder(0755));
  }

  private void addTree(Path folder, SortedMap<String, Entry> entries) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.toList()) {
        add(path, entries);
      }
    }
  }

  private void addJava(SortedMap<String, Entry> entries) throws IOException {
    String home = JAVA_HOME.substring(1);
    entries.put("opt/java", new Entry.Folder(0755));
    entries.put(home, new Entry.Folder(0755));
    Files.walkFileTree(
        java,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = java.relativize(folder).toString();
            if (LEFT_OUT_OF_JAVA.matcher(name + "/").matches()) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            if (!name.isEmpty()) {
              entries.put(home + "/" + name, new Entry.Folder(0755));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = java.relativize(file).toString();
            if (!LEFT_OUT_OF_JAVA.matcher(name).matches()) {
              entries.put(home + "/" + name, javaFile(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    try (Stream<Path> programs = Files.list(java.resolve("bin"))) {
      programs
          .map(program -> program.getFileName().toString())
          .forEach(program ->
              entries.put(
                  "usr/local/bin/" + program, new Entry.Link(JAVA_HOME + "/bin/" + program)));
    }
  }

  /** A link within the JDK stays one; one that leads out of it (certificates) is what it shows. */
  private Entry javaFile(Path file) throws IOException {
    Path real = file.toRealPath();
    return Files.isSymbolicLink(file)
            && real.startsWith(java)
            && !Files.readSymbolicLink(file).isAbsolute()
        ? new Entry.Link(Files.readSymbolicLink(file).toString())
        : new Entry.Copy(real, mode(real));
  }

  private String name(Path path) {
    return root.relativize(path).toString();
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode") & 0777;
  }
}
