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
     * Every object whose key starts with the source's key, under its key's rest after the last
     * slash of the prefix; an object of exactly that key keeps its last name.
     */
    PREFIX,
    /** One gzipped (or plain) tar archive, unpacked into the path. */
    ARCHIVE
  }
}
