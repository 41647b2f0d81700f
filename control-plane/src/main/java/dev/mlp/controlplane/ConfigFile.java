package dev.mlp.controlplane;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlp.controlplane.capacity.CpuMode;
import dev.mlp.controlplane.capacity.InstanceType;
import dev.mlp.controlplane.capacity.InstanceTypes;
import dev.mlp.controlplane.wire.NearestName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
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
    @JsonProperty("instance-types") @Nullable InstanceTypes instanceTypes,
    @JsonProperty("extra-instance-types") @Nullable Map<String, ExtraType> extraInstanceTypes,
    @Nullable CpuMode cpu,
    @JsonProperty("pids-limit") @Nullable Integer pidsLimit,
    @JsonProperty("staging-cache-gibibytes") @Nullable Long stagingCacheGibibytes,
    @Nullable Docker docker,
    @JsonProperty("image-aliases") @Nullable Map<String, List<String>> imageAliases,
    @JsonProperty("object-store") @Nullable ObjectStore objectStore) {
  private static final int DEFAULT_PIDS = 4096;

  record ExtraType(
      @JsonProperty(required = true) int vcpus,
      @JsonProperty(value = "memory-mebibytes", required = true) long memoryMebibytes,
      @Nullable Integer gpus) {}

  record Docker(
      @Nullable String host,
      @Nullable Pull pull,
      @JsonProperty("copy-inputs") @Nullable Boolean copyInputs,
      @JsonProperty("platform-host") @Nullable String platformHost,
      @JsonProperty("publish-address") @Nullable String publishAddress,
      @Nullable Boolean init,
      @Nullable Map<String, Registry> registries) {
    /** When images are pulled. */
    enum Pull {
      MISSING,
      NEVER
    }

    record Registry(
        @JsonProperty(required = true) String username,
        @JsonProperty(required = true) String password) {}
  }

  record ObjectStore(
      @JsonProperty(required = true) String endpoint,
      @Nullable String region,
      @JsonProperty(value = "access-key-id", required = true) String accessKeyId,
      @JsonProperty(value = "secret-access-key", required = true) String secretAccessKey) {}

  // The words of Jackson, which has no type for it.
  private static final String MISSING = "Missing required creator property";

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();

  /** An empty configuration where there is no file. */
  static ConfigFile read(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return new ConfigFile(
          null, null, null, null, null, null, null, null, null, null, null, null, null);
    }
    try {
      return YAML.readValue(file.toFile(), ConfigFile.class);
    } catch (UnrecognizedPropertyException e) {
      String suggestion =
          NearestName.to(
                  e.getPropertyName(),
                  e.getKnownPropertyIds().stream().map(Object::toString).toList())
              .map(near -> "; did you mean '" + near + "'?")
              .orElse("; known keys: " + e.getKnownPropertyIds());
      throw new IllegalArgumentException(
          file + ": unknown key '" + e.getPropertyName() + "'" + suggestion, e);
    } catch (MismatchedInputException e) {
      throw new IllegalArgumentException(file + ": " + mismatch(e), e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          file + ": " + path(e) + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + " is no YAML: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * @param types from the command line; null to take the file's
   */
  Config.Instances instances(@Nullable InstanceTypes types) {
    Map<String, InstanceType> extra = new HashMap<>();
    Objects.requireNonNullElse(extraInstanceTypes, Map.<String, ExtraType>of())
        .forEach((name, type) ->
            extra.put(
                name,
                new InstanceType(
                    name,
                    type.vcpus(),
                    type.memoryMebibytes(),
                    Objects.requireNonNullElse(type.gpus(), 0))));
    return new Config.Instances(
        types != null ? types : Objects.requireNonNullElse(instanceTypes, InstanceTypes.FIT),
        Objects.requireNonNullElse(cpu, CpuMode.SHARED),
        extra,
        Objects.requireNonNullElse(pidsLimit, DEFAULT_PIDS),
        stagingCacheGibibytes == null
            ? OptionalLong.empty()
            : OptionalLong.of(stagingCacheGibibytes));
  }

  Config.Docker dockerSettings() {
    Docker settings =
        Objects.requireNonNullElse(docker, new Docker(null, null, null, null, null, null, null));
    Map<String, Config.Docker.Registry> registries = new HashMap<>();
    Objects.requireNonNullElse(settings.registries(), Map.<String, Docker.Registry>of())
        .forEach((name, registry) ->
            registries.put(
                name, new Config.Docker.Registry(registry.username(), registry.password())));
    return new Config.Docker(
        Optional.ofNullable(settings.host()),
        settings.pull() != Docker.Pull.NEVER,
        Boolean.TRUE.equals(settings.copyInputs()),
        Optional.ofNullable(settings.platformHost()),
        Optional.ofNullable(settings.publishAddress()),
        !Boolean.FALSE.equals(settings.init()),
        registries);
  }

  /** The key, its value where it has a plain one, and what is expected of it. */
  private static String mismatch(MismatchedInputException e) {
    if (String.valueOf(e.getOriginalMessage()).startsWith(MISSING)) {
      return path(e) + "this key is missing";
    }
    String value =
        e instanceof InvalidFormatException format ? "'" + format.getValue() + "' " : "the value ";
    return path(e) + value + "must be " + expected(e.getTargetType());
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "of another kind";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "a whole number";
    }
    if (type == String.class) {
      return "text";
    }
    return Collection.class.isAssignableFrom(type) ? "a list" : "keys with values";
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
}
