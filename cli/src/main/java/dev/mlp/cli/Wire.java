package dev.mlp.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingKnownType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * Requests and answers of the AWS SDK as trees in wire names: what AWS's own command line reads and
 * prints.
 */
final class Wire {
  private final List<String> problems = new ArrayList<>();

  private Wire() {}

  /** An answer as a tree; members that are not set are left out, times are ISO 8601. */
  static Map<String, @Nullable Object> tree(SdkPojo pojo) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    for (SdkField<?> field : pojo.sdkFields()) {
      Object value = field.getValueOrDefault(pojo);
      if (value != null
          && !(value instanceof SdkAutoConstructList<?>)
          && !(value instanceof SdkAutoConstructMap<?, ?>)) {
        tree.put(field.locationName(), plain(value));
      }
    }
    return tree;
  }

  /**
   * Fills a request's builder from a tree.
   *
   * @return every problem: unknown members and values of the wrong kind, by their path
   */
  static List<String> fill(SdkPojo builder, Map<?, ?> tree) {
    Wire wire = new Wire();
    wire.structure("", builder, tree);
    return wire.problems;
  }

  private static Object plain(Object value) {
    return switch (value) {
      case SdkPojo pojo -> tree(pojo);
      case List<?> list -> list.stream().map(Wire::plain).toList();
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, each) -> copy.put(String.valueOf(key), plain(each)));
        yield copy;
      }
      case Instant time -> time.toString();
      case SdkBytes bytes -> Base64.getEncoder().encodeToString(bytes.asByteArray());
      default -> value;
    };
  }

  private void structure(String path, SdkPojo builder, Map<?, ?> tree) {
    Map<String, SdkField<?>> fields = builder.sdkFieldNameToField();
    tree.forEach((key, value) -> {
      String name = String.valueOf(key);
      SdkField<?> field = fields.get(name);
      String at = path.isEmpty() ? name : path + "." + name;
      if (field == null) {
        problems.add("unknown field " + at + Suggestion.among(name, fields.keySet()));
      } else if (value != null) {
        Object read = read(at, field, value);
        if (read != null) {
          field.set(builder, read);
        }
      }
    });
  }

  private @Nullable Object read(String path, SdkField<?> field, Object value) {
    MarshallingKnownType type = field.marshallingType().getKnownType();
    return switch (type) {
      case SDK_POJO -> {
        if (value instanceof Map<?, ?> map) {
          SdkPojo builder = field.constructor().get();
          structure(path, builder, map);
          yield ((SdkBuilder<?, ?>) builder).build();
        }
        yield wrong(path, "a group of fields", value);
      }
      case LIST ->
          value instanceof List<?> list
              ? list(path, field.getTrait(ListTrait.class).memberFieldInfo(), list)
              : wrong(path, "a list", value);
      case MAP ->
          value instanceof Map<?, ?> map
              ? map(path, field.getTrait(MapTrait.class).valueFieldInfo(), map)
              : wrong(path, "a map", value);
      default ->
          value instanceof Map<?, ?> || value instanceof List<?>
              ? wrong(path, "a single value", value)
              : scalar(path, type, value.toString());
    };
  }

  private Object list(String path, SdkField<?> member, List<?> items) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Object item = items.get(i);
      Object read = item == null ? null : read(path + "[" + i + "]", member, item);
      if (read != null) {
        list.add(read);
      }
    }
    return list;
  }

  private Object map(String path, SdkField<?> member, Map<?, ?> entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    entries.forEach((key, value) -> {
      Object read = read(path + "." + key, member, value == null ? "" : value);
      if (read != null) {
        map.put(String.valueOf(key), read);
      }
    });
    return map;
  }

  private @Nullable Object scalar(String path, MarshallingKnownType type, String text) {
    try {
      return switch (type) {
        case STRING -> text;
        case INTEGER -> Integer.valueOf(text);
        case LONG -> Long.valueOf(text);
        case FLOAT -> Float.valueOf(text);
        case DOUBLE -> Double.valueOf(text);
        case BOOLEAN ->
            text.equals("true") || text.equals("false")
                ? (Object) Boolean.valueOf(text)
                : wrong(path, "true or false", text);
        default -> wrong(path, "left out", text);
      };
    } catch (NumberFormatException e) {
      return wrong(path, "a number", text);
    }
  }

  private @Nullable Object wrong(String path, String expected, Object value) {
    problems.add(path + " must be " + expected + ", not " + value);
    return null;
  }
}
