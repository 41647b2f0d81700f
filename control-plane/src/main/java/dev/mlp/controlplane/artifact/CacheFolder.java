package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where what lies in the cache.
 *
 * <pre>
 * ACCOUNT/blobs/ID          the bytes of an object
 * ACCOUNT/trees/ID/         a folder as instances get it; its time is that of its last use
 *                  content/ links to blobs, or what an archive has
 *                  bytes    what it takes by itself, where that is more than links
 * uses/HOLDER/ACCOUNT.ID    a holder needs that tree
 * incoming/                 what is not complete, or being deleted
 * boot                      the machine's boot that all this was written in
 * </pre>
 *
 * <p>Blobs and trees are renamed into their places when they are complete. Nothing is forced to the
 * disk, which would take longer than to download it: after a crash of the machine itself a file can
 * have its full length and not its content. So nothing is kept over a restart of the machine.
 */
record CacheFolder(Path root) {
  static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");
  static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");

  private static final Logger logger = LoggerFactory.getLogger(CacheFolder.class);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Pattern ACCOUNT = Pattern.compile("[0-9A-Za-z-]{1,64}");
  private static final String BLOBS = "blobs";
  private static final String TREES = "trees";
  private static final String INCOMING = "incoming";
  private static final String USES = "uses";
  private static final Set<String> NO_ACCOUNTS = Set.of(INCOMING, USES, "boot");

  /** Makes the folders, and removes what no staging will finish. */
  static CacheFolder open(Path root) throws IOException {
    return open(root, bootId());
  }

  static CacheFolder open(Path root, String bootId) throws IOException {
    CacheFolder folder = new CacheFolder(Files.createDirectories(root).toRealPath());
    Path boot = folder.root.resolve("boot");
    String before = Files.exists(boot) ? Files.readString(boot) : bootId;
    Folders.delete(folder.root.resolve(INCOMING));
    if (!before.equals(bootId)) {
      logger.info("the machine was restarted: {} is emptied", root);
      for (Path account : folder.accounts()) {
        Folders.delete(account);
      }
      Folders.delete(folder.uses());
    }
    Files.createDirectories(folder.root.resolve(INCOMING));
    Files.createDirectories(folder.uses());
    // Last: when this is interrupted, the next start empties it again.
    Files.write(boot, bootId.getBytes(StandardCharsets.UTF_8));
    return folder;
  }

  private static String bootId() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Makes what an account needs. */
  void make(String account) throws IOException {
    Files.createDirectories(account(account).resolve(BLOBS));
    Files.createDirectories(account(account).resolve(TREES));
  }

  Path blob(String account, String id) {
    return account(account).resolve(BLOBS).resolve(id);
  }

  Path tree(String account, String id) {
    return account(account).resolve(TREES).resolve(id);
  }

  static Path content(Path tree) {
    return tree.resolve("content");
  }

  static Path ownBytes(Path tree) {
    return tree.resolve("bytes");
  }

  Path uses() {
    return root.resolve(USES);
  }

  /** A name that nothing has. */
  Path incoming() {
    return root.resolve(INCOMING).resolve(UUID.randomUUID().toString());
  }

  List<Path> accounts() throws IOException {
    return list(root).stream()
        .filter(path -> isAccount(path.getFileName().toString()) && Files.isDirectory(path))
        .toList();
  }

  List<Path> blobs() throws IOException {
    return below(BLOBS);
  }

  List<Path> trees() throws IOException {
    return below(TREES);
  }

  private List<Path> below(String kind) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path account : accounts()) {
      found.addAll(list(account.resolve(kind)));
    }
    return found;
  }

  /** What is in the folder; nothing where there is none. */
  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private Path account(String account) {
    if (!isAccount(account)) {
      throw new IllegalArgumentException("account '" + account + "': expected its number");
    }
    return root.resolve(account);
  }

  private static boolean isAccount(String name) {
    return ACCOUNT.matcher(name).matches() && !NO_ACCOUNTS.contains(name);
  }
}
