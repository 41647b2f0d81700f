package dev.mlp.controlplane.container;

import dev.mlp.controlplane.artifact.S3Address;

/**
 * What is staged before the member starts.
 *
 * @param path where it goes, relative to {@code /opt/ml}, such as {@code input/data/train}
 * @param shard which part of the objects is wanted; {@link Shard#WHOLE} for all
 */
public record Input(S3Address source, String path, Kind kind, Shard shard) {
  /** All objects of the source. */
  public Input(S3Address source, String path, Kind kind) {
    this(source, path, kind, Shard.WHOLE);
  }

  /**
   * One host's share of the objects, as {@code ShardedByS3Key} deals them out: in key order, one to
   * each host in turn.
   *
   * @param index from 0
   * @param count of hosts
   */
  public record Shard(int index, int count) {
    /** Everything. */
    public static final Shard WHOLE = new Shard(0, 1);

    public Shard {
      if (count < 1 || index < 0 || index >= count) {
        throw new IllegalArgumentException(
            "shard " + index + " of " + count + ": expected an index below the count");
      }
    }
  }

  /** How the source is read. */
  public enum Kind {
    /**
     * Every object whose key starts with the source's key. Below {@code data/train} (with or
     * without a slash at its end) the object {@code data/train/a/b.csv} becomes {@code a/b.csv};
     * any other, such as {@code data/train-1.csv}, keeps its key's rest after the prefix's last
     * slash.
     */
    PREFIX,
    /**
     * The source is a JSON manifest: {@code [{"prefix": "s3://bucket/some/"}, "a.csv", "b/c.csv"]}.
     * Each object named there is staged under its name in the manifest.
     */
    MANIFEST,
    /** One gzipped (or plain) tar archive, unpacked into the path. */
    ARCHIVE
  }
}
