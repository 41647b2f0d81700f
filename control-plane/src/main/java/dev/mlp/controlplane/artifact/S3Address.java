package dev.mlp.controlplane.artifact;

/**
 * Where an object, or all objects below a prefix, lie.
 *
 * @param key the object's key, or a prefix; may be empty, never starts with a slash
 */
public record S3Address(String bucket, String key) {
  private static final String SCHEME = "s3://";

  public S3Address {
    if (bucket.isEmpty() || bucket.indexOf('/') >= 0) {
      throw new IllegalArgumentException("bucket '" + bucket + "': expected a bucket's name");
    }
  }

  /** Reads {@code s3://bucket/key}. */
  public static S3Address parse(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw new IllegalArgumentException("'" + uri + "': expected s3://bucket/key");
    }
    String rest = uri.substring(SCHEME.length());
    int slash = rest.indexOf('/');
    return slash < 0
        ? new S3Address(rest, "")
        : new S3Address(rest.substring(0, slash), rest.substring(slash + 1));
  }

  /** This address with {@code name} below it: exactly one slash between the two. */
  public S3Address resolve(String name) {
    return new S3Address(
        bucket, key.isEmpty() || key.endsWith("/") ? key + name : key + "/" + name);
  }

  @Override
  public String toString() {
    return SCHEME + bucket + "/" + key;
  }
}
