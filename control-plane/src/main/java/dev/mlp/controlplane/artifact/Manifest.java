package dev.mlp.controlplane.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A list of objects in the form of SageMaker's {@code ManifestFile}: {@code [{"prefix":
 * "s3://bucket/some/"}, "a.csv", "b/c.csv"]}.
 *
 * @param source where the manifest lies
 */
public record Manifest(S3Address source, List<Entry> entries) {
  /** It is held in memory; this is some 500,000 names. */
  private static final long LARGEST = 64L << 20;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * @param path the name as a path below a folder
   * @param object the prefix with the name behind it
   */
  public record Entry(String path, S3Address object) {}

  public Manifest {
    entries = List.copyOf(entries);
  }

  /**
   * Reads it; whether the objects are there is not asked.
   *
   * @throws StagingException where there is none, or it cannot be read; the message names it
   */
  public static Manifest read(ArtifactStore store, S3Address source) throws IOException {
    StoredObject found =
        store
            .find(source)
            .orElseThrow(() ->
                new StagingException(
                    Problem.NO_OBJECTS,
                    "No S3 object found at S3 URL \"" + source + "\" given as a manifest."));
    if (found.size() == 0) {
      throw bad(source, "is empty");
    }
    if (found.size() > LARGEST) {
      throw bad(source, "has %d bytes, more than %d".formatted(found.size(), LARGEST));
    }
    byte[] text;
    try (InputStream in = store.read(found, 0, found.size())) {
      text = in.readAllBytes();
    }
    try {
      return parse(source, JSON.readTree(text));
    } catch (JsonProcessingException e) {
      throw new StagingException(
          Problem.BAD_MANIFEST,
          "The manifest \"%s\" is not JSON: %s".formatted(source, e.getOriginalMessage()),
          e);
    }
  }

  private static Manifest parse(S3Address source, JsonNode list) throws StagingException {
    if (!list.isArray() || !list.path(0).path("prefix").isTextual() || list.get(0).size() != 1) {
      throw bad(source, "does not begin with [{\"prefix\": \"s3://bucket/…\"}, …");
    }
    S3Address prefix;
    try {
      prefix = S3Address.parse(list.get(0).get("prefix").textValue());
    } catch (IllegalArgumentException e) {
      throw bad(source, "has the prefix " + e.getMessage());
    }
    if (list.size() == 1) {
      throw bad(source, "names no objects");
    }
    // The same name twice is the same file.
    Set<Entry> entries = new LinkedHashSet<>();
    for (int i = 1; i < list.size(); i++) {
      JsonNode name = list.get(i);
      if (!name.isTextual() || name.textValue().isEmpty()) {
        throw bad(source, "has %s as element %d: expected an object's name".formatted(name, i));
      }
      String path =
          Listing.path(
              name.textValue(),
              "The manifest \"%s\" has the name \"%s\", which".formatted(source, name.textValue()));
      entries.add(new Entry(path, new S3Address(prefix.bucket(), prefix.key() + name.textValue())));
    }
    return new Manifest(source, new ArrayList<>(entries));
  }

  private static StagingException bad(S3Address source, String what) {
    return new StagingException(
        Problem.BAD_MANIFEST, "The manifest \"" + source + "\" " + what + ".");
  }
}
