package dev.mlp.controlplane.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;

/**
 * The table of fields: for every field of every supported operation whether it is honoured,
 * accepted without effect, or refused. It is {@code fields.txt}, which explains its own form.
 */
final class FieldTable {
  private static final String RESOURCE = "fields.txt";

  /** What becomes of a field. */
  enum Verdict {
    HONOURED,
    ACCEPTED,
    REFUSED
  }

  /** A line's verdict; the reason is for people, and empty where the field is honoured. */
  record Rule(Verdict verdict, String reason) {}

  /** A field with its own rule, rules for some of its values, or rules for its members. */
  static final class Node {
    private @Nullable Rule rule;
    private final Map<String, Rule> values = new LinkedHashMap<>();
    private final Map<String, Node> members = new LinkedHashMap<>();

    @Nullable Rule rule() {
      return rule;
    }

    Map<String, Rule> values() {
      return values;
    }

    Map<String, Node> members() {
      return members;
    }
  }

  private final Map<String, Node> operations;

  private FieldTable(Map<String, Node> operations) {
    this.operations = operations;
  }

  /** Reads the table that is built in. */
  static FieldTable load() {
    try (InputStream in = FieldTable.class.getResourceAsStream(RESOURCE)) {
      return parse(
          new String(Objects.requireNonNull(in, RESOURCE).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws IllegalArgumentException where a line is not of the form, or says something twice
   */
  static FieldTable parse(String text) {
    Map<String, Node> operations = new HashMap<>();
    Node operation = new Node();
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[") && line.endsWith("]")) {
        operation = new Node();
        if (operations.put(line.substring(1, line.length() - 1), operation) != null) {
          throw new IllegalArgumentException(line + " stands there twice");
        }
      } else {
        add(operation, line);
      }
    }
    return new FieldTable(operations);
  }

  private static void add(Node operation, String line) {
    String[] parts = line.strip().split(" +", 3);
    if (parts.length < 2) {
      throw new IllegalArgumentException("'" + line + "': expected a path and a verdict");
    }
    Verdict verdict =
        switch (parts[1]) {
          case "honoured" -> Verdict.HONOURED;
          case "accepted" -> Verdict.ACCEPTED;
          case "refused" -> Verdict.REFUSED;
          default -> throw new IllegalArgumentException("'" + line + "': no verdict");
        };
    if (verdict != Verdict.HONOURED && parts.length < 3) {
      throw new IllegalArgumentException("'" + line + "': expected a reason");
    }
    Rule rule = new Rule(verdict, parts.length < 3 ? "" : parts[2]);
    String[] pathAndValue = parts[0].split("=", 2);
    Node node = operation;
    for (String step : pathAndValue[0].split("\\.", -1)) {
      node = node.members.computeIfAbsent(step, _ -> new Node());
    }
    boolean twice;
    if (pathAndValue.length == 2) {
      twice = node.values.put(pathAndValue[1], rule) != null;
    } else {
      twice = node.rule != null;
      node.rule = rule;
    }
    if (twice) {
      throw new IllegalArgumentException("'" + parts[0] + "' stands there twice");
    }
  }

  Map<String, Node> operations() {
    return operations;
  }

  /** Collects what the request asks for and the platform refuses. */
  void check(String operation, SdkPojo request, Problems problems) {
    Node node = operations.get(operation);
    if (node == null) {
      throw new IllegalStateException(operation + ": not in the table of fields");
    }
    members(node, request, "", problems);
  }

  private static void members(Node node, SdkPojo value, String path, Problems problems) {
    for (SdkField<?> field : value.sdkFields()) {
      Node member = node.members.get(field.memberName());
      Object given = field.getValueOrDefault(value);
      if (member != null && given != null) {
        String step = WireNames.camelCase(field.memberName());
        field(member, given, path.isEmpty() ? step : path + "." + step, problems);
      }
    }
  }

  private static void field(Node node, Object value, String path, Problems problems) {
    Rule forValue = node.values.get(value.toString());
    if (forValue != null) {
      if (forValue.verdict() == Verdict.REFUSED) {
        problems.add(value, path, "Member must not be " + value + ": " + forValue.reason());
      }
      return;
    }
    Rule rule = node.rule;
    if (rule != null && rule.verdict() == Verdict.REFUSED) {
      if (asksForSomething(value)) {
        problems.add(value, path, "Member must not be set: " + rule.reason());
      }
      return;
    }
    if (!node.members.isEmpty()) {
      if (value instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          if (list.get(i) instanceof SdkPojo element) {
            members(node, element, path + "." + (i + 1) + ".member", problems);
          }
        }
      } else if (value instanceof SdkPojo structure) {
        members(node, structure, path, problems);
      }
    }
  }

  /** False, empty text, and structures and collections of nothing but such ask for nothing. */
  private static boolean asksForSomething(Object value) {
    return switch (value) {
      case Boolean bool -> bool;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case SdkPojo pojo ->
          pojo.sdkFields().stream()
              .map(field -> field.getValueOrDefault(pojo))
              .anyMatch(member -> member != null && asksForSomething(member));
      default -> true;
    };
  }
}
