package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names for content: equal ones have the same bytes, as far as the store's ETags tell. */
final class ContentId {
  private ContentId() {}

  /** Of an object as a file. */
  static String file(StoredObject object) {
    return hash("file\n" + content(object));
  }

  /** Of an object as an unpacked archive. */
  static String archive(StoredObject object) {
    return hash("archive\n" + content(object));
  }

  /** Of a folder. */
  static String folder(Listing listing) {
    StringBuilder text = new StringBuilder("folder\n");
    for (Listing.Item item : listing.items()) {
      text.append(item.path()).append('\0');
      text.append(item.isFolder() ? "folder" : content(item.object())).append('\n');
    }
    return hash(text.toString());
  }

  private static String content(StoredObject object) {
    // Without an ETag, nothing but the very same object is known to be the same.
    String version =
        object.etag().isEmpty()
            ? "at " + object.lastModified() + " " + object.address()
            : object.etag();
    return object.size() + " " + version;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
