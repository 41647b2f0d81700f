package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The object store as the control plane itself uses it. Blocking; safe for any number of threads.
 * An {@link IOException} means that the store could not be reached or failed: trying again can
 * help.
 */
public interface ArtifactStore {
  /**
   * One stored object.
   *
   * @param etag without quotes; empty where the store gives none
   */
  record StoredObject(S3Address address, long size, String etag, Instant lastModified) {}

  /** All objects whose key starts with the address's key, in key order; empty where none does. */
  List<StoredObject> list(S3Address prefix) throws IOException;

  /** Whether any object's key starts with the address's key; a store may know without listing. */
  default boolean anyBelow(S3Address prefix) throws IOException {
    return !list(prefix).isEmpty();
  }

  /** The object at exactly this address. */
  Optional<StoredObject> find(S3Address address) throws IOException;

  /**
   * The object's bytes, to be closed by the caller.
   *
   * @throws java.nio.file.NoSuchFileException where there is no such object or bucket
   */
  InputStream read(S3Address address) throws IOException;

  /**
   * A part of the very object that was listed or found, to be closed by the caller: an object that
   * has taken its place is never mixed with it.
   *
   * @param offset of the first byte
   * @param length in bytes, more than 0; the part lies within the object
   * @throws ObjectChangedException where the object is another one meanwhile, or gone
   */
  InputStream read(StoredObject object, long offset, long length) throws IOException;

  /** Stores the file whole: a reader sees the old object or the new one, never a part. */
  void write(S3Address address, Path file) throws IOException;

  /** Whether there is such a bucket; true also where the keys in use may not ask. */
  boolean bucketExists(String bucket) throws IOException;

  /** Makes the bucket unless it is there. */
  void createBucket(String bucket) throws IOException;

  /** Removes the object; nothing happens where there is none. */
  void delete(S3Address address) throws IOException;
}
