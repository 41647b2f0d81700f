package dev.mlp.controlplane.container;

import dev.mlp.controlplane.artifact.S3Address;

/**
 * What is staged before the member starts.
 *
 * @param path where it goes, relative to {@code /opt/ml}, such as {@code input/data/train}
 */
public record Input(S3Address source, String path, Kind kind) {
  /** How the source is read. */
  public enum Kind {
    /**
     * Every object whose key starts with the source's key. Below {@code data/train} (with or
     * without a slash at its end) the object {@code data/train/a/b.csv} becomes {@code a/b.csv};
     * any other, such as {@code data/train-1.csv}, keeps its key's rest after the prefix's last
     * slash.
     */
    PREFIX,
    /** One gzipped (or plain) tar archive, unpacked into the path. */
    ARCHIVE
  }
}
