package dev.mlp.sdk.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * AWS's public service model (as botocore ships it, without its texts) for the operations in use:
 * says what the real service would refuse about a request.
 */
public final class ServiceModel {
  private static final JsonNode MODEL = load();

  private final List<String> problems = new ArrayList<>();

  private ServiceModel() {}

  /** Every problem of a request in wire names, as {@code path: what}. */
  public static List<String> problems(String operation, JsonNode request) {
    JsonNode shape = MODEL.get("operations").get(operation);
    if (shape == null) {
      return List.of("unknown operation " + operation);
    }
    ServiceModel check = new ServiceModel();
    check.check(operation, request, shape.asText());
    return check.problems;
  }

  private static JsonNode load() {
    try (InputStream in =
        Objects.requireNonNull(ServiceModel.class.getResourceAsStream("service-model.json"))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void check(String path, JsonNode value, String shapeName) {
    JsonNode shape = MODEL.get("shapes").get(shapeName);
    switch (shape.get("type").asText()) {
      case "structure" -> structure(path, value, shape);
      case "list" -> {
        if (kind(path, value.isArray(), "a list")) {
          range(path, value.size(), shape);
          for (int i = 0; i < value.size(); i++) {
            check(path + "[" + i + "]", value.get(i), shape.get("member").asText());
          }
        }
      }
      case "map" -> {
        if (kind(path, value.isObject(), "a map")) {
          range(path, value.size(), shape);
          value
              .properties()
              .forEach(entry -> {
                String at = path + "." + entry.getKey();
                text(at + " (key)", entry.getKey(), shapeOf(shape, "key"));
                check(at, entry.getValue(), shape.get("value").asText());
              });
        }
      }
      case "string" -> {
        if (kind(path, value.isTextual(), "text")) {
          text(path, value.asText(), shape);
        }
      }
      case "integer", "long" -> {
        if (kind(path, value.isIntegralNumber(), "a whole number")) {
          range(path, value.asLong(), shape);
        }
      }
      case "float", "double" -> kind(path, value.isNumber(), "a number");
      case "boolean" -> kind(path, value.isBoolean(), "true or false");
      case "timestamp" -> kind(path, value.isNumber(), "seconds since 1970");
      default -> {
        // Blobs travel as bodies.
      }
    }
  }

  private JsonNode shapeOf(JsonNode shape, String member) {
    return MODEL.get("shapes").get(shape.get(member).asText());
  }

  private void structure(String path, JsonNode value, JsonNode shape) {
    if (!kind(path, value.isObject(), "an object")) {
      return;
    }
    Map<String, String> members = new HashMap<>();
    shape.get("members").properties().forEach(e -> members.put(e.getKey(), e.getValue().asText()));
    for (JsonNode required : shape.path("required")) {
      if (!value.has(required.asText())) {
        problems.add(path + "." + required.asText() + ": required");
      }
    }
    value
        .properties()
        .forEach(entry -> {
          String at = path + "." + entry.getKey();
          String member = members.get(entry.getKey());
          if (member == null) {
            problems.add(at + ": unknown");
          } else {
            check(at, entry.getValue(), member);
          }
        });
  }

  private void text(String path, String value, JsonNode shape) {
    range(path, value.codePointCount(0, value.length()), shape);
    if (shape.has("pattern")
        && !Pattern.compile(shape.get("pattern").asText()).matcher(value).matches()) {
      problems.add(path + ": '" + value + "' does not match " + shape.get("pattern").asText());
    }
    if (shape.has("enum")) {
      for (JsonNode each : shape.get("enum")) {
        if (each.asText().equals(value)) {
          return;
        }
      }
      problems.add(path + ": '" + value + "' is none of the values");
    }
  }

  private void range(String path, long value, JsonNode shape) {
    if (shape.has("min") && value < shape.get("min").asLong()) {
      problems.add(path + ": " + value + " is less than " + shape.get("min"));
    }
    if (shape.has("max") && value > shape.get("max").asLong()) {
      problems.add(path + ": " + value + " is more than " + shape.get("max"));
    }
  }

  private boolean kind(String path, boolean right, String expected) {
    if (!right) {
      problems.add(path + ": must be " + expected);
    }
    return right;
  }
}
