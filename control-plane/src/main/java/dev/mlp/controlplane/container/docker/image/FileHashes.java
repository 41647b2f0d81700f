package dev.mlp.controlplane.container.docker.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** SHA-256 of files in hexadecimal, computed once while size and time of a file stay the same. */
final class FileHashes {
  private static final int BUFFER = 1 << 16;

  private record Known(long size, FileTime time, String hash) {}

  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  String of(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Known before = known.get(file);
    if (before != null && before.size == now.size() && before.time.equals(now.lastModifiedTime())) {
      return before.hash;
    }
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        digest.update(buffer, 0, length);
      }
    }
    String hash = HexFormat.of().formatHex(digest.digest());
    known.put(file, new Known(now.size(), now.lastModifiedTime(), hash));
    return hash;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
