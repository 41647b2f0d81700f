package dev.mlp.sdk;

/**
 * An address in object storage, {@code s3://bucket/key}; the key may be empty or a prefix.
 *
 * @param bucket never empty
 * @param key without a leading slash
 */
public record S3Uri(String bucket, String key) {
  private static final String SCHEME = "s3://";

  /** Refuses an empty bucket. */
  public S3Uri {
    if (bucket.isEmpty()) {
      throw new IllegalArgumentException("an S3 address needs a bucket: s3://bucket/key");
    }
  }

  /** Whether the text is meant as an S3 address rather than as a local path. */
  public static boolean isS3(String text) {
    return text.startsWith(SCHEME);
  }

  /**
   * Reads {@code s3://bucket/key}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static S3Uri parse(String text) {
    if (!isS3(text)) {
      throw new IllegalArgumentException("not an S3 address (s3://bucket/key): " + text);
    }
    String rest = text.substring(SCHEME.length());
    int slash = rest.indexOf('/');
    return slash < 0
        ? new S3Uri(rest, "")
        : new S3Uri(rest.substring(0, slash), rest.substring(slash + 1));
  }

  /** This address with {@code name} below it. */
  public S3Uri resolve(String name) {
    return new S3Uri(bucket, key.isEmpty() || key.endsWith("/") ? key + name : key + "/" + name);
  }

  @Override
  public String toString() {
    return SCHEME + bucket + "/" + key;
  }
}
