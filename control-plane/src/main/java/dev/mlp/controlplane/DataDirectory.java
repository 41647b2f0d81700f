package dev.mlp.controlplane;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlp.controlplane.artifact.FailureText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The one folder that holds all that a server keeps, held by one server at a time. The lock is the
 * operating system's, so it ends with the process, however that ends.
 */
final class DataDirectory implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;
  private final FileChannel lockFile;
  private final FileLock lock;

  private DataDirectory(Path root, FileChannel lockFile, FileLock lock) {
    this.root = root;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Makes the folder, readable by its owner alone, and takes it.
   *
   * @throws InUseException naming the server that has it
   * @throws IOException saying what to do, where the folder cannot be made or written to
   */
  static DataDirectory open(Path root) throws IOException, InUseException {
    FileChannel channel = lockFile(root);
    FileLock lock = tryLock(channel);
    if (lock == null) {
      channel.close();
      throw new InUseException(root, nameServer(root));
    }
    return new DataDirectory(root, channel, lock);
  }

  private static FileChannel lockFile(Path root) throws IOException {
    try {
      Files.createDirectories(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return FileChannel.open(
          root.resolve("server.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException(
          "data directory "
              + root
              + " must be a folder that the server can write to ("
              + FailureText.of(e)
              + "); choose another one with --data-dir",
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private static String nameServer(Path root) {
    try {
      var server = JSON.readTree(root.resolve("server.json").toFile());
      return "the server at %s (process %d)"
          .formatted(server.path("url").asText(), server.path("pid").asLong());
    } catch (IOException e) {
      return "a server that is starting or stopping";
    }
  }

  Path database() {
    return root.resolve("database").resolve("mlp");
  }

  Path objects() throws IOException {
    return Files.createDirectories(root.resolve("objects"));
  }

  Path instances() throws IOException {
    return Files.createDirectories(root.resolve("instances"));
  }

  Path containers() throws IOException {
    return Files.createDirectories(root.resolve("containers"));
  }

  /** What this directory's things are known by where others have theirs too: 12 hex digits. */
  String id() throws IOException {
    Path file = root.resolve("id");
    if (!Files.exists(file)) {
      Path fresh = root.resolve("id.new");
      Files.writeString(fresh, "%012x%n".formatted(new SecureRandom().nextLong() >>> 16));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  /** Copies of what instances read; safe to lose while no instance runs. */
  Path cache() throws IOException {
    return Files.createDirectories(root.resolve("cache"));
  }

  Path logs() throws IOException {
    return Files.createDirectories(root.resolve("logs"));
  }

  /**
   * Tells other commands where the server is.
   *
   * @param runtime what runs instances, and why; for people, as {@code memory} is
   */
  void publishServer(String url, String startedAt, String version, String runtime, String memory)
      throws IOException {
    ObjectNode server = JSON.createObjectNode();
    server.put("pid", ProcessHandle.current().pid());
    server.put("url", url);
    server.put("startedAt", startedAt);
    server.put("version", version);
    server.put("runtime", runtime);
    server.put("memory", memory);
    writeAtomically("server.json", server);
  }

  /** Tells the owner's other commands how to sign. */
  void publishCredentials(ClientSettings settings) throws IOException {
    writeAtomically("credentials.json", JSON.valueToTree(settings));
  }

  private void writeAtomically(String name, ObjectNode content) throws IOException {
    Path fresh = root.resolve(name + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    Files.move(
        fresh,
        root.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Gives the folder free. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(root.resolve("server.json"));
    lock.release();
    lockFile.close();
  }

  /** What every client on this machine needs, as it stands in {@code credentials.json}. */
  record ClientSettings(
      String accessKeyId,
      String secretAccessKey,
      String region,
      String account,
      String roleArn,
      String trainingImage,
      String inferenceImage) {
    @Override
    public String toString() {
      return "ClientSettings[accessKeyId=" + accessKeyId + ", secretAccessKey=***]";
    }
  }

  /** Another server has the folder. */
  static final class InUseException extends Exception {
    private static final long serialVersionUID = 1L;

    InUseException(Path root, String server) {
      super(
          "data directory "
              + root
              + " is in use by "
              + server
              + "; stop it first, or start this one with --data-dir on another folder");
    }
  }
}
