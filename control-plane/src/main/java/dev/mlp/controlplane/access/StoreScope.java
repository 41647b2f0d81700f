package dev.mlp.controlplane.access;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What of the object store an access key may touch. What it may write, it may read as well.
 *
 * @param readable to be listed and read
 * @param writable to be listed, read, written and deleted
 */
public record StoreScope(List<Area> readable, List<Area> writable) {
  /** No bucket, no object. */
  public static final StoreScope NOTHING = new StoreScope(List.of(), List.of());

  /**
   * Keys are paths in the embedded store, where such a segment leads out of the prefix that the key
   * starts with.
   */
  private static final Pattern CLIMBING = Pattern.compile("(^|/)\\.\\.?(/|$)|\0");

  public StoreScope {
    readable = List.copyOf(readable);
    writable = List.copyOf(writable);
  }

  /**
   * A part of a bucket.
   *
   * @param key of the one object, or what the keys of all objects of the area start with: {@code
   *     data/train} covers {@code data/train-1.csv} as well as {@code data/train/a.csv}, as a
   *     channel's address does
   */
  public record Area(String bucket, String key, Kind kind) {
    /** How the key is to be taken. */
    public enum Kind {
      OBJECT,
      PREFIX
    }

    public static Area object(String bucket, String key) {
      return new Area(bucket, key, Kind.OBJECT);
    }

    public static Area prefix(String bucket, String prefix) {
      return new Area(bucket, prefix, Kind.PREFIX);
    }

    private boolean covers(String bucket, String key) {
      return this.bucket.equals(bucket)
          && switch (kind) {
            case OBJECT -> key.equals(this.key);
            case PREFIX -> key.startsWith(this.key);
          }
          && !CLIMBING.matcher(key).find();
    }
  }

  public boolean mayRead(String bucket, String key) {
    return areas().anyMatch(area -> area.covers(bucket, key));
  }

  public boolean mayWrite(String bucket, String key) {
    return writable.stream().anyMatch(area -> area.covers(bucket, key));
  }

  /** Whether every key that starts with the prefix may be read. */
  public boolean mayList(String bucket, String prefix) {
    return areas()
        .filter(area -> area.kind() == Area.Kind.PREFIX)
        .anyMatch(area -> area.covers(bucket, prefix));
  }

  /** Whether any of it lies in the bucket. */
  public boolean touches(String bucket) {
    return areas().anyMatch(area -> area.bucket().equals(bucket));
  }

  private Stream<Area> areas() {
    return Stream.concat(readable.stream(), writable.stream());
  }
}
