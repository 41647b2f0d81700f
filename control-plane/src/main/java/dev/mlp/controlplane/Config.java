package dev.mlp.controlplane;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything that can be set, from the command line and from {@code mlp.yaml} in the data
 * directory.
 *
 * @param home the installation: where the built-in images' programs lie
 * @param dataDirectory all that the server keeps
 * @param cacheDirectory what can be made again, shared by all data directories of a user
 * @param host the address to listen on
 * @param port 0 takes a free one
 * @param runtime which runtime starts instances
 * @param region of the first account
 * @param memoryMebibytes what instances may reserve in all; empty: the machine's, less a share for
 *     the server
 * @param imageAliases built-in image → glob patterns of further names for it
 * @param objectStore an S3 of the user's own instead of the embedded one
 * @param recordAotCaches instances write AOT caches when they end; a step of the build
 */
public record Config(
    Path home,
    Path dataDirectory,
    Path cacheDirectory,
    String host,
    int port,
    RuntimeChoice runtime,
    String region,
    OptionalLong memoryMebibytes,
    Map<String, List<String>> imageAliases,
    Optional<ObjectStore> objectStore,
    boolean recordAotCaches) {
  /** Which runtime starts instances. */
  public enum RuntimeChoice {
    /** The best that is there. */
    AUTO,
    /** A process per instance. */
    PROCESS
  }

  /** An S3 of the user's own. */
  public record ObjectStore(
      String endpoint, String region, String accessKeyId, String secretAccessKey) {
    @Override
    public String toString() {
      return "ObjectStore[endpoint=%s, region=%s, accessKeyId=%s, secretAccessKey=***]"
          .formatted(endpoint, region, accessKeyId);
    }
  }

  public Config {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + ": expected 0 to 65535");
    }
    imageAliases = Map.copyOf(imageAliases);
  }
}
