package dev.mlp.controlplane;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code mlp.yaml}: every key is optional, an unknown one stops the start with a suggestion.
 *
 * @param memoryMebibytes what instances may reserve in all
 * @param imageAliases built-in image → glob patterns of further names for it
 */
record ConfigFile(
    @Nullable String host,
    @Nullable Integer port,
    Config.@Nullable RuntimeChoice runtime,
    @Nullable String region,
    @JsonProperty("memory-mebibytes") @Nullable Long memoryMebibytes,
    @JsonProperty("image-aliases") @Nullable Map<String, List<String>> imageAliases,
    @JsonProperty("object-store") @Nullable ObjectStore objectStore) {
  record ObjectStore(
      @JsonProperty(required = true) String endpoint,
      @Nullable String region,
      @JsonProperty(value = "access-key-id", required = true) String accessKeyId,
      @JsonProperty(value = "secret-access-key", required = true) String secretAccessKey) {}

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();

  /** An empty configuration where there is no file. */
  static ConfigFile read(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return new ConfigFile(null, null, null, null, null, null, null);
    }
    try {
      return YAML.readValue(file.toFile(), ConfigFile.class);
    } catch (UnrecognizedPropertyException e) {
      String suggestion =
          closest(e.getPropertyName(), e.getKnownPropertyIds())
              .map(near -> "; did you mean '" + near + "'?")
              .orElse("; known keys: " + e.getKnownPropertyIds());
      throw new IllegalArgumentException(
          file + ": unknown key '" + e.getPropertyName() + "'" + suggestion, e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          file + ": " + path(e) + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + " is no YAML: " + e.getOriginalMessage(), e);
    }
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      path.append(path.isEmpty() ? "" : ".")
          .append(
              reference.getFieldName() == null ? reference.getIndex() : reference.getFieldName());
    }
    return path.isEmpty() ? "" : path + ": ";
  }

  private static Optional<String> closest(String name, Collection<Object> known) {
    return known.stream()
        .map(Object::toString)
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .filter(candidate -> distance(name, candidate) <= Math.max(2, name.length() / 3));
  }

  /** Edit distance (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
