package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The constraints table: what the service models say of requests and the SDK's classes do not. Made
 * by {@code tools/constraints.py}.
 */
final class Constraints {
  private static final String RESOURCE = "constraints.json";

  /** One service's part: shapes by name, and the shapes of each operation's request and answer. */
  record Model(Map<String, Shape> shapes, Map<String, Operation> operations) {
    Shape shape(String name) {
      return Objects.requireNonNull(shapes.get(name), name);
    }
  }

  /** Names of structures; an operation may answer with nothing. */
  record Operation(Optional<String> input, Optional<String> output) {}

  private final String source;
  private final Map<String, Model> models;

  private Constraints(String source, Map<String, Model> models) {
    this.source = source;
    this.models = Map.copyOf(models);
  }

  /** Reads the table that is built in. */
  static Constraints load() {
    try (InputStream in = Constraints.class.getResourceAsStream(RESOURCE)) {
      return of(new ObjectMapper().readTree(Objects.requireNonNull(in, RESOURCE)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a table. */
  static Constraints of(JsonNode table) {
    Map<String, Model> models = new HashMap<>();
    for (Map.Entry<String, JsonNode> service : table.path("services").properties()) {
      Map<String, Shape> shapes = new HashMap<>();
      for (Map.Entry<String, JsonNode> shape : service.getValue().path("shapes").properties()) {
        shapes.put(shape.getKey(), shape(shape.getValue()));
      }
      Map<String, Operation> operations = new HashMap<>();
      for (Map.Entry<String, JsonNode> row : service.getValue().path("operations").properties()) {
        operations.put(
            row.getKey(),
            new Operation(name(row.getValue(), "input"), name(row.getValue(), "output")));
      }
      models.put(service.getKey(), new Model(Map.copyOf(shapes), Map.copyOf(operations)));
    }
    return new Constraints(table.path("source").asText(), models);
  }

  /** Which service models this was made of, such as {@code botocore 1.42.2}. */
  String source() {
    return source;
  }

  Model model(Service service) {
    return Objects.requireNonNull(models.get(service.wireName()), service.wireName());
  }

  private static Optional<String> name(JsonNode row, String way) {
    return row.has(way) ? Optional.of(row.path(way).asText()) : Optional.empty();
  }

  private static Shape shape(JsonNode shape) {
    Shape.Bounds bounds = new Shape.Bounds(number(shape, "min"), number(shape, "max"));
    return switch (shape.path("type").asText()) {
      case "structure" -> {
        Map<String, String> members = new LinkedHashMap<>();
        shape
            .path("members")
            .properties()
            .forEach(m -> members.put(m.getKey(), m.getValue().asText()));
        Set<String> required = new LinkedHashSet<>(texts(shape, "required"));
        yield new Shape.Structure(members, required, shape.path("union").asBoolean());
      }
      case "list" -> new Shape.ListOf(shape.path("member").asText(), bounds);
      case "map" ->
          new Shape.MapOf(shape.path("key").asText(), shape.path("value").asText(), bounds);
      case "string" ->
          shape.path("instanceType").asBoolean()
              ? new Shape.InstanceType()
              : new Shape.Text(bounds, pattern(shape), texts(shape, "enum"));
      case "integer", "long", "float", "double" -> new Shape.Numeric(bounds);
      case "blob", "boolean", "timestamp" -> new Shape.Any(bounds);
      default -> throw new IllegalStateException("shape of type " + shape.path("type"));
    };
  }

  private static Optional<Pattern> pattern(JsonNode shape) {
    return shape.has("pattern")
        ? Optional.of(Pattern.compile(shape.path("pattern").asText()))
        : Optional.empty();
  }

  private static OptionalDouble number(JsonNode shape, String name) {
    return shape.has(name)
        ? OptionalDouble.of(shape.path(name).asDouble())
        : OptionalDouble.empty();
  }

  private static List<String> texts(JsonNode shape, String name) {
    List<String> texts = new ArrayList<>();
    shape.path(name).forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }
}
